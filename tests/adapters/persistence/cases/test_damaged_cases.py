"""Cases whose rows or audit chains someone else changed."""

import json
from collections.abc import AsyncIterator

import pytest

from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.cases.cases import CaseUnreadable
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.cases.claim_cases import ClaimCase
from application.use_cases.cases.inform_cases import AddCaseNote
from domain.cases.lease import LEASE_TERMS
from domain.cases.referral_case import ReferralCase
from support.cases import UMA, a_referred_record
from support.databases import Store
from support.engines import execute


@pytest.fixture
def unreadable() -> list[tuple[str, str]]:
    return []


@pytest.fixture
async def desk(migrated_url: str, unreadable: list[tuple[str, str]]) -> AsyncIterator[CaseChanges]:
    engine = database_engine(migrated_url)
    counted = UnreadableDocuments(lambda kind, fault: unreadable.append((kind, fault)))
    yield CaseChanges(PostgresCases(engine, counted), SystemClock(), TimeOrderedIdentifiers(), LEASE_TERMS)
    await engine.dispose()


async def claimed(store: Store, desk: CaseChanges) -> ReferralCase:
    record = a_referred_record()
    await store.ledger.record(record)
    return (await ClaimCase(desk)(record.decision_id, by=UMA, seen=0)).case


async def test_actions_continue_on_a_new_chain_if_someone_else_wrote_to_the_chain(
    postgres_store: Store, desk: CaseChanges, migrated_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    case = await claimed(postgres_store, desk)
    execute(
        migrated_url,
        "INSERT INTO audit_entries SELECT chain, sequence + 1, at, actor, action, gen_random_uuid(), "
        "content_digest, previous, digest FROM audit_entries WHERE action = 'case claimed'",
    )
    noted = await AddCaseNote(desk)(case.case_id, "Called.", by=UMA, seen=case.version)
    assert await desk.cases.find(case.case_id) == noted.case
    assert "actions on cases continue on a new chain" in caplog.text
    found = await postgres_store.verify()
    assert (found.chains, len(found.violations)) == (3, 1)
    await AddCaseNote(desk)(case.case_id, "Called again.", by=UMA, seen=noted.case.version)
    assert (await postgres_store.verify()).chains == 3


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"schema": 99}, "unknown_schema"),
        ({"kind": "decision"}, "other_kind"),
        ({"action": "case eaten"}, "invalid_content"),
        ({"details": {"text": ""}, "action": "case note added"}, "invalid_content"),
        ({"at": "yesterday"}, "invalid_content"),
        ({"action_id": "01932c5e-7a10-7c3a-9a51-2f1d3c4b5a69"}, "other_record"),
        (None, "not_json"),
    ],
)
async def test_an_action_that_cannot_be_read_is_reported_and_breaks_no_other_case(  # noqa: PLR0917 - fixtures
    postgres_store: Store,
    desk: CaseChanges,
    migrated_url: str,
    unreadable: list[tuple[str, str]],
    change: dict[str, object] | None,
    fault: str,
) -> None:
    damaged, whole = await claimed(postgres_store, desk), await claimed(postgres_store, desk)
    document = "{" if change is None else f"(document::jsonb || '{json.dumps(change)}')::text"
    value = f"'{document}'" if change is None else document
    altering = f"UPDATE case_actions SET document = {value} WHERE case_id = '{damaged.case_id}'"  # noqa: S608 - our own
    execute(migrated_url, f"SET session_replication_role = replica; {altering}")
    with pytest.raises(CaseUnreadable, match=str(damaged.case_id)):
        await desk.cases.actions(damaged.case_id)
    assert unreadable == [("case action", fault)]
    assert len(await desk.cases.actions(whole.case_id)) == 1
    assert await desk.cases.find(damaged.case_id) == damaged
