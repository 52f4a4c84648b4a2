"""The databases in which growth is measured: copies of decisions can be read like real ones."""

import asyncio
from datetime import UTC, datetime, timedelta

from application.ports.decisions.decision_archive import DecisionFilter
from bench.recorded import copy_to, sizes
from domain.monitoring.period import Period
from support.builders import a_decision_record
from support.databases import postgres_store_at

ORIGINALS = 40


async def test_copies_are_decisions_with_identifiers_and_times_of_their_own(
    own_migrated_url: str,
) -> None:
    now = datetime.now(UTC).replace(microsecond=123_456)
    async with postgres_store_at(own_migrated_url) as store:
        for number in range(ORIGINALS):
            record = a_decision_record(decided_at=now + timedelta(microseconds=number), trial=False)
            await store.ledger.record(record)
        await asyncio.to_thread(copy_to, own_migrated_url, 5 * ORIGINALS, originals=ORIGINALS)
        found = (await store.archive.page(DecisionFilter(), limit=200)).records
        overview = await store.figures.over(Period.between(now - timedelta(days=40), now + timedelta(days=1)))
    assert len({record.decision_id for record in found}) == 5 * ORIGINALS
    copies = [record for record in found if record.decided_at < now]
    assert len({record.decided_at for record in copies}) == 4 * ORIGINALS
    assert min(record.decided_at for record in copies) < now - timedelta(days=20)
    for record in copies:
        assert int(record.decision_id.hex[:12], 16) == int(record.decided_at.timestamp() * 1000)
    assert overview.outcomes.total == 5 * ORIGINALS
    measured = await asyncio.to_thread(sizes, own_migrated_url)
    assert measured["decisions"] == measured["entries"] == 5 * ORIGINALS
