"""The database stops and restarts: no answer is unrecorded, and the service recovers without a restart."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import pytest

from adapters.embedded import EmbeddedPostgres
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.database.connections import connect_durably, database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.database.migrations import migrate
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.bulk import write_records
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.decisions.decision_ledger import LedgerUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.period import Period
from support.builders import A_MOMENT, a_decision_record, a_user, an_event
from support.databases import Store, recovery


class MortalPostgres:
    """A server that can be killed and started again, always at the same address.

    Without fsync a power cut could cost data; killing the server cannot.
    """

    def __init__(self, folder: Path) -> None:
        self._engine = EmbeddedPostgres(folder, durable=False)
        self._sockets = folder / "sockets"
        self._engine.folder.create()
        password = self._engine.folder.password()
        self.url = f"postgresql://scoring:{password}@/scoring?host={self._sockets}&port=5432"

    def start(self) -> None:
        (where,) = parse_qs(urlsplit(self._engine.start()).query)["host"]
        self._sockets.unlink(missing_ok=True)
        self._sockets.symlink_to(where)

    def kill(self) -> None:
        assert self._engine.pid is not None
        os.kill(self._engine.pid, signal.SIGKILL)
        self._engine.stop()

    def stop(self) -> None:
        self._engine.stop()


@pytest.fixture(scope="module")
def mortal() -> Iterator[MortalPostgres]:
    with tempfile.TemporaryDirectory(prefix="scoring-outage-") as folder:
        server = MortalPostgres(Path(folder))
        server.start()
        asyncio.run(migrate(server.url))
        yield server
        server.stop()


@pytest.fixture
def server(mortal: MortalPostgres) -> MortalPostgres:
    """The server, restarted if the previous test stopped it."""
    mortal.start()
    return mortal


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    ledger = PostgresDecisionLedger(url)
    await ledger.open()
    engine = database_engine(url)
    try:
        yield Store.in_postgres(ledger, engine)
    finally:
        await ledger.close()
        await engine.dispose()


async def keep_asking(store: Store, answered: list[UUID], refused: list[UUID], stop: asyncio.Event) -> None:
    """A caller that requests one decision after another."""
    while not stop.is_set():
        record = a_decision_record()
        try:
            await store.ledger.record(record)
            answered.append(record.decision_id)
        except LedgerUnavailable:
            refused.append(record.decision_id)
            await asyncio.sleep(0.005)


async def on_record(url: str) -> set[UUID]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT decision_id FROM decisions JOIN audit_entries ON subject = decision_id")
    await connection.close()
    return {row["decision_id"] for row in rows}


async def test_a_killed_database_loses_no_answered_decision_and_needs_no_restart(server: MortalPostgres) -> None:
    answered: list[UUID] = []
    refused: list[UUID] = []
    stop = asyncio.Event()
    async with opened(server.url) as store:
        callers = [asyncio.create_task(keep_asking(store, answered, refused, stop)) for _ in range(32)]
        await asyncio.sleep(0.5)
        before = len(answered)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(0.3)
        during = len(answered)
        with pytest.raises(LedgerUnavailable):
            await store.ledger.record_all([a_decision_record()])
        await asyncio.sleep(0.2)
        assert len(answered) == during
        assert refused
        await asyncio.to_thread(server.start)
        await recovery(store.ledger)
        await asyncio.sleep(0.2)
        assert len(answered) > during
        stop.set()
        await asyncio.gather(*callers)
        assert before > 0
        assert set(answered) <= await on_record(server.url)
        assert await store.violations() == []


async def test_decisions_fail_fast_while_the_database_is_down(server: MortalPostgres) -> None:
    engine = database_engine(server.url)
    readers = [
        lambda: PostgresUsers(engine).find("marta"),
        lambda: PostgresUsers(engine).add(a_user(), event=an_event()),
        lambda: PostgresDecisionArchive(engine).page(DecisionFilter(), limit=1),
        lambda: PostgresDecisionArchive(engine).find(UUID(int=1)),
        lambda: PostgresDecisionFigures(engine).over(Period.between(A_MOMENT, A_MOMENT + timedelta(days=1))),
        lambda: anext(PostgresAuditTrail(engine).entries(), None),
        DatabaseDependency(engine).check,
    ]
    await asyncio.gather(*(reader() for reader in readers))
    server.kill()
    async with asyncio.timeout(3):
        for reader in readers:
            with pytest.raises(DependencyUnavailable):
                await reader()
        async with opened(server.url) as store:
            with pytest.raises(LedgerUnavailable):
                await store.ledger.record(a_decision_record())
    server.start()
    await asyncio.gather(*(reader() for reader in readers))
    await engine.dispose()


async def test_connections_cut_during_commits_leave_valid_chains(migrated_url: str, postgres_store: Store) -> None:
    """Whether a commit that was cut off happened or not, every answer is on record and every chain verifies."""
    answered: list[UUID] = []
    refused: list[UUID] = []
    stop = asyncio.Event()
    callers = [asyncio.create_task(keep_asking(postgres_store, answered, refused, stop)) for _ in range(16)]
    executioner = await asyncpg.connect(migrated_url)
    cut = 0
    async with asyncio.timeout(20):
        while cut < 8:
            await asyncio.sleep(0.01)
            cut += await executioner.fetchval(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active' AND query LIKE 'WITH given%'
                """
            )
    await executioner.close()
    stop.set()
    await asyncio.gather(*callers)
    assert set(answered) <= await on_record(migrated_url)
    assert await postgres_store.violations() == []
    await recovery(postgres_store.ledger)


async def test_an_idle_connection_that_is_cut_fails_no_decision(migrated_url: str, postgres_store: Store) -> None:
    await postgres_store.ledger.record(a_decision_record())
    executioner = await asyncpg.connect(migrated_url)
    await executioner.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'credit-scoring'"
    )
    await executioner.close()
    await asyncio.sleep(0.05)
    await postgres_store.ledger.record(a_decision_record())
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 2
    assert await postgres_store.violations() == []


async def test_a_hanging_database_is_abandoned(migrated_url: str) -> None:
    ledger = PostgresDecisionLedger(migrated_url, timeout=0.4)
    await ledger.open()
    await ledger.record(a_decision_record())
    watcher = await asyncpg.connect(migrated_url)
    hanging = await watcher.fetchval(
        """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = 'credit-scoring' AND datname = current_database()
        """
    )
    os.kill(hanging, signal.SIGSTOP)
    try:
        async with asyncio.timeout(3):
            with pytest.raises(LedgerUnavailable):
                await ledger.record(a_decision_record())
            await recovery(ledger)
    finally:
        os.kill(hanging, signal.SIGCONT)
        await watcher.close()
        await ledger.close()


async def test_a_ledger_opened_before_its_database_waits_for_it(server: MortalPostgres) -> None:
    server.kill()
    async with opened(server.url) as store:
        with pytest.raises(LedgerUnavailable):
            await store.ledger.record(a_decision_record())
        server.start()
        await recovery(store.ledger)


async def test_a_ledger_closes_while_its_database_is_away(server: MortalPostgres) -> None:
    server.kill()
    async with asyncio.timeout(3):
        async with opened(server.url) as store:
            with pytest.raises(LedgerUnavailable):
                await store.ledger.record(a_decision_record())


async def test_a_connection_lost_during_bulk_recording_is_noticed_immediately(server: MortalPostgres) -> None:
    """The backend stops reading, so that sent data accumulates, and is then killed."""
    connection = await connect_durably(server.url, timeout=5)
    loop, backend = asyncio.get_running_loop(), connection.get_server_pid()

    def records() -> Iterator[DecisionRecord]:
        for number in range(20_000):
            if number == 2_000:
                os.kill(backend, signal.SIGSTOP)
                loop.call_later(1.0, os.kill, backend, signal.SIGKILL)
            yield a_decision_record()

    async with asyncio.timeout(20) as deadline:
        with pytest.raises(asyncpg.PostgresConnectionError):
            await write_records(connection, records())
    assert not deadline.expired()
