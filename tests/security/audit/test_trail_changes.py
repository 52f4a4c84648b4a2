"""Changes of users, ended sessions and cancelled batches are in the audit trail or are not made."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.audit.audit_events import EventChain, PostgresAuditEvents
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.batches.batch_work import PostgresBatchWork
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.privileges import API
from adapters.persistence.database.service_roles import grant_privileges
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.batches.read_batches import CancelBatch
from domain.access.user import Actor, Role
from domain.access.web_session import WebSession
from domain.batches.batch import AlreadyEnded
from entrypoints.cli.main import scoring
from entrypoints.composition.processes.preparation import prepare_database
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import read_settings
from support.batches import BatchStore, OpenBatchStore
from support.builders import a_user, an_event
from support.databases import Store, a_login
from support.engines import execute

OPERATOR = operating_system_user()


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    engine = database_engine(migrated_url)
    yield engine
    await engine.dispose()


async def events(engine: AsyncEngine) -> list[dict[str, Any]]:
    """The documents of the trail's events in the order of time."""
    found = [
        json.loads(cast("bytes", document))
        async for entry, document in PostgresAuditTrail(engine).entries()
        if entry.action != "decision recorded"
    ]
    return sorted(found, key=lambda event: str(event["at"]))


async def event_summaries(engine: AsyncEngine) -> list[tuple[str, str, dict[str, str]]]:
    """All but the activation of the first policy, which prepares the database."""
    found = [(event["kind"], event["actor"], event["details"]) for event in await events(engine)]
    return [each for each in found if each[0] != "policy activated"]


async def run(*arguments: str, typed: str | None = None) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, scoring, arguments, input=typed)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
async def prepared(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    await prepare_database(read_settings(os.environ))
    return migrated_url


@pytest.mark.usefixtures("prepared")
async def test_user_changes_at_the_command_line_are_in_the_trail_without_secrets(
    engine: AsyncEngine, postgres_store: Store
) -> None:
    added = await run("users", "add", "Jose\u0301", "--role", "auditor")
    first = added.split("Password: ")[1].split()[0]
    chosen = "a meadow of seven lamps"
    await run("users", "change-password", "Jos\u00e9", typed=f"{first}\n{chosen}\n{chosen}\n")
    reset = (await run("users", "password", "Jos\u00e9")).split("Password: ")[1].split()[0]
    await run("users", "role", "Jos\u00e9", "--role", "risk-manager")
    await run("users", "end-sessions", "Jos\u00e9")
    await run("users", "remove", "Jos\u00e9")
    of_user = {"user": "Jos\u00e9"}
    assert await event_summaries(engine) == [
        ("user added", OPERATOR, {"user": "admin", "role": "admin"}),
        ("user added", OPERATOR, of_user | {"role": "auditor"}),
        ("logged in", "Jos\u00e9", of_user | {"address": "command line", "through": "command"}),
        ("password changed", "Jos\u00e9", of_user),
        ("password reset", OPERATOR, of_user),
        ("role changed", OPERATOR, of_user | {"role": "risk manager"}),
        ("sessions ended", OPERATOR, of_user),
        ("user removed", OPERATOR, of_user),
    ]
    documents = json.dumps(await events(engine))
    assert not any(secret in documents for secret in (first, chosen, reset, "argon2"))
    found = await postgres_store.verify()
    assert (found.events, found.violations) == (9, ())


@pytest.mark.usefixtures("prepared")
async def test_refused_changes_are_not_in_the_trail(engine: AsyncEngine) -> None:
    before = await event_summaries(engine)
    for arguments in (
        ("add", "admin", "--role", "auditor"),
        ("password", "nobody"),
        ("role", "nobody", "--role", "auditor"),
        ("role", "admin", "--role", "auditor"),
        ("end-sessions", "nobody"),
        ("remove", "nobody"),
        ("remove", "admin"),
    ):
        done = await asyncio.to_thread(CliRunner().invoke, scoring, ["users", *arguments])
        assert done.exit_code == 1
    await prepare_database(read_settings(os.environ))
    assert await event_summaries(engine) == before


@pytest.mark.usefixtures("prepared")
async def test_a_session_ended_at_the_command_line_is_in_the_trail(engine: AsyncEngine) -> None:
    sessions, now = PostgresWebSessions(engine), datetime.now(UTC)
    for session_id in (b"k" * 16, b"o" * 16):
        await sessions.add(WebSession(session_id, "olga", 1, "192.0.2.1", now, now))
    await sessions.end(b"o" * 16, now)
    await run("sessions", "end", (b"k" * 16).hex())
    again = await asyncio.to_thread(CliRunner().invoke, scoring, ["sessions", "end", (b"k" * 16).hex()])
    assert again.exit_code == 1
    (_, ended) = await event_summaries(engine)
    assert ended == ("sessions ended", OPERATOR, {"user": "olga", "session_started": now.isoformat()})


async def test_a_cancelled_batch_is_in_the_trail(
    open_postgres_batch_store: OpenBatchStore, engine: AsyncEngine, postgres_store: Store
) -> None:
    batch_store = open_postgres_batch_store(15.0)
    batch = await batch_store.submit_file()
    cancel = CancelBatch(batch_store.batches, EventFactory(SystemClock(), TimeOrderedIdentifiers()))
    olga = Actor("olga", Role.RISK_MANAGER)
    cancelled = await cancel(batch.batch_id, by=olga)
    with pytest.raises(AlreadyEnded):
        await cancel(batch.batch_id, by=olga)
    submitted, event = await events(engine)
    assert (submitted["kind"], submitted["actor"]) == ("batch submitted", "broker-portal")
    assert {"batch": str(batch.batch_id), "sha256": batch.digest.hex()}.items() <= submitted["details"].items()
    assert (event["kind"], event["actor"]) == ("batch cancelled", "olga")
    assert event["details"] == {"batch": str(batch.batch_id)}
    assert cancelled.finished_at == datetime.fromisoformat(event["at"])
    assert await postgres_store.violations() == []


async def test_the_api_with_its_own_privileges_records_its_changes(
    migrated_url: str, engine: AsyncEngine, postgres_store: Store
) -> None:
    await grant_privileges(migrated_url)
    await PostgresUsers(engine).add(a_user(name="olga"), event=an_event())
    with a_login(migrated_url, f"IN ROLE {API}") as url:
        api, chain = database_engine(url), EventChain()
        batches = PostgresBatches(url, api, events=chain)
        batch_store = BatchStore(
            batches, PostgresBatchWork(url, api), PostgresDecisionArchive(api), PostgresAuditTrail(api)
        )
        assert await PostgresUsers(api, chain).change_password("olga", "another", event=an_event())
        await batches.cancel((await batch_store.submit_file()).batch_id, an_event(at=datetime.now(UTC)))
        await api.dispose()
    found = await postgres_store.verify()
    assert (found.events, found.chains, found.violations) == (4, 2, ())


async def test_a_change_is_rolled_back_if_its_event_cannot_be_recorded(
    migrated_url: str, open_postgres_batch_store: OpenBatchStore, engine: AsyncEngine
) -> None:
    users, sessions, now = PostgresUsers(engine), PostgresWebSessions(engine), datetime.now(UTC)
    batch_store = open_postgres_batch_store(15.0)
    batch = await batch_store.submit_file()
    await users.add(a_user(name="ada", role=Role.ADMIN), event=an_event())
    await users.add(a_user(), event=an_event())
    session = WebSession(b"k" * 16, "marta", 1, "192.0.2.1", now, now)
    await sessions.add(session)
    before = list(await users.all())
    recorded = an_event()
    await PostgresAuditEvents(engine).record_event(recorded)
    for change in (
        lambda: users.add(a_user(name="ben"), event=recorded),
        lambda: users.change_password("marta", "another", event=recorded),
        lambda: users.change_role("marta", Role.ADMIN, event=recorded),
        lambda: users.renew_generation("marta", event=recorded),
        lambda: users.remove("marta", event=recorded),
        lambda: sessions.end(session.id, now, event=recorded),
        lambda: PostgresBatches(migrated_url, engine).cancel(batch.batch_id, recorded),
    ):
        with pytest.raises(IntegrityError):
            await change()
    assert sorted(await users.all(), key=lambda user: user.name) == sorted(before, key=lambda user: user.name)
    assert [each.id for each in await sessions.all()] == [session.id]
    assert await batch_store.batches.find(batch.batch_id) == batch


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE recorded_events SET document = replace(document, 'os:', 'os:not ')", "was altered"),
        ("UPDATE recorded_events SET document = replace(document, 'marta', 'mallory')", "was altered"),
        ("DELETE FROM recorded_events", "is missing"),
    ],
)
async def test_tampering_with_the_event_of_a_change_is_detected(
    migrated_url: str, engine: AsyncEngine, postgres_store: Store, statement: str, why: str
) -> None:
    users, changed = PostgresUsers(engine), an_event(event_id=uuid4())
    await users.add(a_user(name="ada", role=Role.ADMIN), event=an_event())
    await users.add(a_user(), event=an_event())
    await users.change_role("marta", Role.ADMIN, event=changed)
    assert await postgres_store.violations() == []
    execute(
        migrated_url, f"SET session_replication_role = replica; {statement} WHERE event_id = '{changed.event_id}'"
    )
    (found,) = await postgres_store.violations()
    assert found.why == f"the record {why}"
    assert str(changed.event_id) in found.place
