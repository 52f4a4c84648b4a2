"""Verification finds tampering with rows that say what decisions superseded, are called, and an applicant has."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.audit.present_states import PostgresPresentStates
from adapters.persistence.database.connections import database_engine
from adapters.system import TimeOrderedIdentifiers
from application.use_cases.audit.verify_states import VerifyStates
from domain.access.user import Actor, Role
from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.money import Money
from domain.month import Month
from support.builders import A_MOMENT, a_decision_record
from support.databases import ledger_at
from support.engines import execute
from support.superseding import decide_again

CHAIN = [UUID(f"019cece5-2687-7000-8000-00000000010{number}") for number in range(3)]
OTHER = UUID("019cece5-2687-7000-8000-000000000200")
FIRST, SECOND, LAST = CHAIN
LINK, HISTORY, REFERENCE = (
    "link to the superseded decision",
    "entry in the applicant's history",
    "application reference",
)


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    engine = database_engine(migrated_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def verify(engine: AsyncEngine) -> VerifyStates:
    return VerifyStates(PostgresPresentStates(engine, page_size=2))


@pytest.fixture
async def accepted(migrated_url: str, engine: AsyncEngine) -> None:
    """An application that was decided three times and accepted, beside others."""
    await decide_again(migrated_url, engine, CHAIN)
    applications = PostgresApplications(engine)
    seen = await applications.find(FIRST)
    assert seen is not None
    details, by = Acceptance(Money(500_000), Money(1_000_000)), Actor("marta", Role.LOAN_OFFICER)
    at = A_MOMENT + timedelta(hours=1)
    action = ApplicationAction(TimeOrderedIdentifiers().new(), FIRST, LAST, 1, at, by, details)
    await applications.append(action, seen)
    plain = a_decision_record(decision_id=OTHER, trial=False, identity=NO_IDENTITY)
    applicants = [ApplicationIdentity(f"LN-{number}", f"C-{number}") for number in (2, 3)]
    async with ledger_at(migrated_url) as ledger:
        await ledger.record(plain)
        for identity in applicants:
            await ledger.record(replace(plain, decision_id=uuid4(), identity=identity))
        tried = replace(plain, decision_id=uuid4(), identity=applicants[0], trial=True)
        await ledger.record(tried)
        metadata = {"supersedes": "LN-7"}  # as a document of a superseding decision has it
        await ledger.record(replace(plain, decision_id=uuid4(), identity=ApplicationIdentity(metadata=metadata)))


async def faults(
    verify: VerifyStates, since: datetime | None = None, archived: tuple[Month, ...] = ()
) -> list[tuple[str | None, str]]:
    return [(found.version, found.why) async for found in verify(since=since, archived=archived)]


def tamper(url: str, statement: str) -> None:
    execute(url, f"SET session_replication_role = replica; {statement}")


@pytest.mark.usefixtures("accepted")
async def test_rows_that_follow_from_decisions_verify(verify: VerifyStates) -> None:
    assert await faults(verify) == []
    assert await faults(verify, A_MOMENT) == []


@pytest.mark.usefixtures("accepted")
@pytest.mark.parametrize(
    ("change", "decision_id", "why"),
    [
        (
            "UPDATE superseded_decisions SET superseded_at = now() WHERE decision_id = '{SECOND}'",
            LAST,
            f"its {LINK} is not what the decision states: superseded_at is ",
        ),
        (
            "UPDATE superseded_decisions SET application_id = '{OTHER}' WHERE decision_id = '{SECOND}'",
            LAST,
            f"its {LINK} is not what the decision states: application_id is {OTHER} instead of {FIRST}",
        ),
        (
            "UPDATE superseded_decisions SET decision_id = '{OTHER}' WHERE decision_id = '{FIRST}'",
            SECOND,
            f"its {LINK} is not what the decision states: decision_id is {OTHER} instead of {FIRST}",
        ),
        (
            "DELETE FROM superseded_decisions WHERE decision_id = '{SECOND}'",
            LAST,
            f"its {LINK} is missing: it was removed",
        ),
        (
            "INSERT INTO superseded_decisions VALUES ('{UNKNOWN}', '{OTHER}', '{UNKNOWN}', now())",
            OTHER,
            f"its {LINK} is stored, but the decision states none",
        ),
        (
            "UPDATE applicant_applications SET accepted_amount = 1 WHERE decision_id = '{LAST}'",
            LAST,
            f"its {HISTORY} is not what the decision states: accepted_amount is 1.00 instead of 5000.00",
        ),
        (
            "UPDATE applicant_applications SET accepted_amount = NULL WHERE decision_id = '{LAST}'",
            LAST,
            f"its {HISTORY} is not what the decision states: accepted_amount is None instead of 5000.00",
        ),
        (
            "UPDATE applicant_applications SET accepted_amount = 9 WHERE decision_id = '{FIRST}'",
            FIRST,
            f"its {HISTORY} is not what the decision states: accepted_amount is 9.00 instead of None",
        ),
        (
            "UPDATE applicant_applications SET applicant_reference = 'X' WHERE decision_id = '{LAST}'",
            LAST,
            f"its {HISTORY} is not what the decision states: applicant_reference is X instead of C-1",
        ),
        (
            "UPDATE applicant_applications SET declined_at = now() WHERE decision_id = '{FIRST}'",
            FIRST,
            f"its {HISTORY} is not what the decision states: declined_at is ",
        ),
        (
            "DELETE FROM applicant_applications WHERE decision_id = '{LAST}'",
            LAST,
            f"its {HISTORY} is missing: it was removed",
        ),
        (
            "INSERT INTO applicant_applications VALUES ('C-9', 'personal_loan', 1, '{OTHER}', now())",
            OTHER,
            f"its {HISTORY} is stored, but the decision states none",
        ),
        (
            "UPDATE application_references SET decision_id = '{FIRST}' WHERE reference = 'LN-1'",
            FIRST,
            f"its {REFERENCE} is not what the decision states: decision_id is {FIRST} instead of {SECOND}",
        ),
        (
            "UPDATE application_references SET decision_id = '{OTHER}' WHERE reference = 'LN-1'",
            OTHER,
            f"its {REFERENCE} is stored, but the decision states none",
        ),
        (
            "UPDATE application_references SET application_id = '{OTHER}' WHERE reference = 'LN-1'",
            LAST,
            f"its {REFERENCE} is not what the decision states: application_id is {OTHER} instead of {FIRST}",
        ),
        (
            "UPDATE application_references SET scope = 'mallory' WHERE reference = 'LN-1'",
            LAST,
            f"its {REFERENCE} is not what the decision states: scope is mallory instead of marta",
        ),
        (
            "DELETE FROM application_references WHERE reference = 'LN-1'",
            LAST,
            f"its {REFERENCE} is missing: it was removed",
        ),
    ],
)
async def test_a_changed_row_is_detected(
    verify: VerifyStates, migrated_url: str, change: str, decision_id: UUID, why: str
) -> None:
    ids = {"FIRST": FIRST, "SECOND": SECOND, "LAST": LAST, "OTHER": OTHER, "UNKNOWN": UUID(int=1)}
    tamper(migrated_url, change.format(**ids))
    for since in (None, A_MOMENT):
        found = await faults(verify, since)
        assert any(version == f"decision {decision_id}" and text.startswith(why) for version, text in found), found


async def test_rows_of_decisions_in_an_archived_month_are_not_compared(
    verify: VerifyStates, migrated_url: str
) -> None:
    tamper(
        migrated_url,
        f"INSERT INTO applicant_applications VALUES ('C-9', 'personal_loan', 1, '{OTHER}', now())",  # noqa: S608 - a test's own text
    )
    ((_, why),) = await faults(verify)
    assert why == f"its {HISTORY} is stored, but the decision is missing"
    assert await faults(verify, archived=(Month.of_identifier(OTHER),)) == []
