"""Who is the actor of a command, and what a process records of its settings and by itself."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from application.ports.audit.event_history import EventFilter
from application.ports.batches.batches import BatchOutput
from application.use_cases.access.log_in import IssueAccessToken
from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME
from domain.audit.event import EventKind
from domain.policies.version_3 import POLICY_3
from entrypoints.cli.main import scoring
from entrypoints.composition.container import Container
from entrypoints.composition.injection import Object
from entrypoints.composition.processes.commands import CommandContainer
from entrypoints.composition.processes.preparation import prepare_database
from entrypoints.composition.processes.process_tasks import verification_tasks
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings, read_settings
from harness import people
from harness.people import add_user_if_absent
from support.batches import SOME_LOANS, pieces
from support.builders import a_decision_record
from support.databases import Store
from support.memory.clock import FixedClock

KEY = "qJ8vZrT2mWx5LbN7cYdF4hKp9sGaU3eRtXoEiV6w"  # of a test
OPERATOR = operating_system_user()
HUGE = '{"actor":"' + "\u00e9" * 300_000 + '"'
"""Longer than an index takes, and than anyone wants to load."""
PASSWORD = "a meadow of seven lamps"
SERVICE = Actor(SERVICE_NAME, Role.AUDITOR)


@pytest.fixture
async def settings(migrated_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_SECRET_KEY", KEY)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SCORING_ADMIN_PASSWORD", PASSWORD)
    settings = read_settings(os.environ)
    await prepare_database(settings)
    return settings


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[Container]:
    container = Container(settings=settings, process="api")
    yield container
    for engine in (container.engine, container.access_engine, container.audit_engine):
        await engine().dispose()


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, scoring, arguments)


async def last_event(container: Container, kind: EventKind) -> tuple[str, dict[str, Any]]:
    page = await container.event_history().page(EventFilter(kinds=[kind]), limit=1)
    return page.events[0].actor, dict(page.events[0].details)


async def test_a_command_acts_as_the_account_of_the_operating_system(container: Container) -> None:
    assert (await run("users", "add", "olga", "--role", "auditor")).exit_code == 0
    assert await last_event(container, EventKind.USER_ADDED) == (OPERATOR, {"user": "olga", "role": "auditor"})


async def test_a_token_names_the_person_who_runs_a_command(container: Container, tmp_path: Path) -> None:
    issued = await IssueAccessToken(container.log_in(), container.tokens())("admin", PASSWORD, address="here")
    file = tmp_path / "token"
    file.write_text(issued.token)
    done = await run("--token-file", str(file), "users", "add", "olga", "--role", "auditor")
    os.environ.pop("SCORING_TOKEN_FILE", None)
    assert done.exit_code == 0, done.output
    assert await last_event(container, EventKind.USER_ADDED) == (
        "admin",
        {"user": "olga", "role": "auditor", "operating_system_user": OPERATOR},
    )


async def test_a_policy_is_activated_by_the_risk_manager_of_the_token_and_by_no_other_role(
    container: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(POLICY_3, version="4", approve_below=0.12)
    (tmp_path / "policy.json").write_text(policy.document)
    for role in (Role.LOAN_OFFICER, Role.RISK_MANAGER):
        await add_user_if_absent(container.settings().database_url or "", role.name, role)
        log_in = IssueAccessToken(container.log_in(), container.tokens())
        issued = await log_in(role.name, people.PASSWORD, address="here")
        monkeypatch.setenv("SCORING_TOKEN", issued.token)
        done = await run("policies", "activate", str(tmp_path / "policy.json"))
        assert (done.exit_code == 0) == (role is Role.RISK_MANAGER), done.output
    actor, details = await last_event(container, EventKind.POLICY_ACTIVATED)
    assert (actor, details["operating_system_user"]) == ("RISK_MANAGER", OPERATOR)
    assert (details["number"], details["policy_fingerprint"]) == (2, policy.fingerprint)


async def test_a_wrong_token_stops_the_command(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_TOKEN", "not.a.token")
    done = await run("users", "add", "olga", "--role", "auditor")
    assert done.exit_code == 1
    assert "SCORING_TOKEN is not accepted" in str(done.exception or done.output)
    monkeypatch.delenv("SCORING_TOKEN")
    assert await container.users().find("olga") is None


async def test_changed_settings_are_recorded_without_secrets(container: Container, settings: Settings) -> None:
    await container.record_settings()(by=SERVICE)
    actor, first = await last_event(container, EventKind.SETTINGS_CHANGED)
    assert (actor, first["process"], first["first"]) == (SERVICE_NAME, "api", True)
    assert first["SCORING_SECRET_KEY"].startswith("digest ")
    assert not any(secret in str(first) for secret in (KEY, PASSWORD, settings.database_url))
    await container.record_settings()(by=SERVICE)  # a restart with the same settings
    assert await last_event(container, EventKind.SETTINGS_CHANGED) == (actor, first)

    changed = Container(settings=_with(rate_limit="7", sentry_dsn="https://secret@example.org/1"), process="api")
    await changed.record_settings()(by=SERVICE)
    _, second = await last_event(container, EventKind.SETTINGS_CHANGED)
    assert second["changed"] == "SCORING_RATE_LIMIT, SCORING_SENTRY_DSN"
    assert second["SCORING_RATE_LIMIT"] == "7"
    assert "secret" not in str(second)
    await changed.engine().dispose()

    rotated = Container(
        settings=_with(rate_limit="7", sentry_dsn="https://secret@example.org/1", secret_key=KEY[::-1]),
        process="api",
    )
    await rotated.record_settings()(by=SERVICE)
    _, third = await last_event(container, EventKind.SETTINGS_CHANGED)
    assert third["changed"] == "SCORING_SECRET_KEY"
    assert third["not_compared"] == "SCORING_ADMIN_PASSWORD, SCORING_SENTRY_DSN"
    await rotated.engine().dispose()


async def test_batches_downloads_and_secrets_are_recorded(container: Container) -> None:
    batches, portal = container.batch_use_cases(), Actor("portal", Role.SERVICE)
    submitted = await batches.submit(pieces(SOME_LOANS), name="loans.csv", by=portal)
    batch = str(submitted.batch.batch_id)
    await batches.cancel(submitted.batch.batch_id, by=portal)
    await batches.output(submitted.batch.batch_id, BatchOutput.RESULTS, by=portal)
    await container.webhook_use_cases().secret(by=portal)
    page = await container.event_history().page(EventFilter(actor="portal"), limit=10)
    assert [(event.kind, event.subject) for event in page.events] == [
        ("webhook secret read", "portal"),
        ("batch downloaded", batch),
        ("batch cancelled", batch),
        ("batch submitted", batch),
    ]
    secret = await container.webhook_use_cases().secret(by=portal)
    assert secret not in str(page)


def _with(**changes: str) -> Settings:
    return read_settings(os.environ | {f"SCORING_{name.upper()}": value for name, value in changes.items()})


async def decide(container: Container, store: Store, count: int) -> None:
    fingerprint = container.model().version.fingerprint
    await container.bundles().archive(fingerprint, container.bundle_files())
    for _ in range(count):
        await store.ledger.record(a_decision_record(model_fingerprint=fingerprint))


async def test_the_api_verifies_by_itself(
    container: Container, postgres_store: Store, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FixedClock(container.clock().now())
    container.clock.override(Object(clock))
    (tasks,) = verification_tasks(container, "api")
    (task,) = tasks._tasks
    await decide(container, postgres_store, 150)
    await container.create_checkpoint()(by=SERVICE)
    await task.run()
    assert await container.recorded_verifications().recent() == []
    clock.moment += timedelta(days=1)
    await task.run()
    (found,) = await container.recorded_verifications().recent()
    assert (found.event.actor, found.signed.violations, found.signed.scope) == (SERVICE_NAME, 0, "whole")

    connection = await asyncpg.connect(settings.database_url)
    await connection.execute(
        "SET session_replication_role = replica; UPDATE decisions SET document = document || ' ' "
        "WHERE decision_id = (SELECT min(decision_id::text)::uuid FROM decisions)"
    )
    await connection.close()
    clock.moment += timedelta(days=8)
    await task.run()
    found = (await container.recorded_verifications().recent())[0]
    assert (found.signed.violations > 0, found.signed.scope) == (True, "whole")
    assert "integrity errors" in caplog.text
    assert verification_tasks(container, "ui") == []
    assert verification_tasks(Container(settings=_with(audit_verification_hours="0"), process="api"), "api") == []


async def test_changed_checkpoint_keys_are_recorded(container: Container, postgres_store: Store) -> None:
    await decide(container, postgres_store, 1)
    await container.create_checkpoint()(by=SERVICE)
    former = container.signer().public_key
    other = CommandContainer(settings=_with(secret_key=KEY[::-1], previous_secret_keys=KEY), process="command")
    await other.create_checkpoint()(by=SERVICE)
    _, details = await last_event(container, EventKind.CHECKPOINT_KEY_CHANGED)
    assert details == {"from_key": former.hex(), "to_key": other.signer().public_key.hex()}
    assert not (await other.verify_audit_trail()(by=SERVICE)).violations
    for engine in (other.engine, other.audit_engine):
        await engine().dispose()


async def test_an_event_that_cannot_be_read_fails_no_list(container: Container, settings: Settings) -> None:
    connection = await asyncpg.connect(settings.database_url)
    for document in (
        "",
        "[]",
        '{"at": "soon"}',
        '{"at": "2026-01-01T00:00:00Z", "actor": "a", "details": 3}',
        "\u2028",
    ):
        await connection.execute("INSERT INTO recorded_events VALUES (gen_random_uuid(), 'odd', $1)", document)
    await connection.close()
    done = await run("audit", "events")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("  odd  ") == 5
    assert (await run("audit", "events", "--json")).output.count('"fault"') == 5
    found = await container.verify_audit_trail()(by=SERVICE)
    assert len([each for each in found.violations if "no audit entry" in each.why]) == 5


async def test_operators_manage_the_subscriptions_of_services(container: Container) -> None:
    portal, address = Actor("portal", Role.SERVICE), "https://portal.example/hooks?token=hidden"
    made = await container.webhook_use_cases().subscribe(address, ["notice.due", "decision.recorded"], by=portal)
    identifier = str(made.subscription_id)
    listed = (await run("webhooks", "subscriptions")).output
    assert f"{identifier}  portal  portal.example  decision.recorded, notice.due; 0 pending" in listed
    assert "1 subscription." in listed
    assert "hidden" not in listed
    assert "Queued for delivery" in (await run("webhooks", "test", identifier)).output
    assert "1 pending" in (await run("webhooks", "subscriptions")).output
    message = await container.outbox().lease_next(duration=timedelta(seconds=60))
    assert message is not None
    await container.outbox().mark_failed(message.delivery_id, "status 500", retry_in=None)
    assert "1 undelivered" in (await run("webhooks", "subscriptions")).output
    assert "Queued 1 message for delivery." in (await run("webhooks", "retry-all", identifier)).output
    assert (await run("webhooks", "end", identifier)).output == "Ended.\n"
    again = await run("webhooks", "end", identifier)
    assert (again.exit_code, "there is no active subscription" in again.output) == (1, True)
    kinds = [EventKind.WEBHOOK_SUBSCRIBED, EventKind.WEBHOOK_RETRIED, EventKind.WEBHOOK_SUBSCRIPTION_ENDED]
    page = await container.event_history().page(EventFilter(kinds=kinds), limit=10)
    assert [(event.kind, event.actor) for event in page.events] == [
        ("webhook subscription ended", OPERATOR),
        ("webhook retried", OPERATOR),
        ("webhook subscribed", "portal"),
    ]
    assert "hidden" not in str(page)
    assert page.events[2].details["host"] == "portal.example"
