"""`scoring overview rebuild` and `scoring migrate` add what is recorded to the aggregates of the overview."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from entrypoints.cli.main import scoring
from support.builders import a_decision_record
from support.databases import connected, postgres_store_at


async def _record(url: str, count: int) -> None:
    async with postgres_store_at(url) as store:
        await store.ledger.record_all([a_decision_record() for _ in range(count)])


async def _aggregated(url: str, change: str = "SELECT") -> list[int]:
    """The number of decisions in the aggregates by hour, and by day."""
    async with connected(url) as connection:
        await connection.execute(change)
        rows = await connection.fetch("SELECT sum(decisions) FROM overview_cells GROUP BY hours ORDER BY hours")
    return [int(row[0]) for row in rows]


def test_aggregates_are_completed_and_rebuilt(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SCORING_ADMIN_PASSWORD", "correct horse battery")
    asyncio.run(_record(migrated_url, 7))
    assert asyncio.run(_aggregated(migrated_url)) == []
    migrated = CliRunner().invoke(scoring, ["migrate"])
    assert migrated.exit_code == 0, migrated.output
    assert asyncio.run(_aggregated(migrated_url)) == [7, 7]
    assert asyncio.run(_aggregated(migrated_url, "UPDATE overview_cells SET decisions = 99")) != [7, 7]
    rebuilt = CliRunner().invoke(scoring, ["overview", "rebuild"])
    assert rebuilt.exit_code == 0, rebuilt.output
    assert "The aggregates of the overview are complete" in rebuilt.output
    assert asyncio.run(_aggregated(migrated_url)) == [7, 7]
