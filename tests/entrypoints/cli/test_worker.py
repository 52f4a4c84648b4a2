"""`scoring worker`: batches decided by real processes, some of which are killed half-way."""

import asyncio
import csv
import hmac
import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from adapters.embedded import EmbeddedPostgres
from adapters.messaging.signatures import RecipientSecrets
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.batches.batch_work import PostgresBatchWork
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.batches.outbox import PostgresOutbox
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.security.keys import signing_key
from application.ports.batches.batches import BatchOutput
from domain.audit.entry import ChainVerifier
from domain.batches.batch import Batch, BatchState
from harness.patience import eventually
from harness.running_service import SCORING, clean_environment, free_ports
from support.batches import BatchRoom, OpenRoom, loans_as_csv
from support.builders import an_event
from support.loan_rows import LOAN, varied_loans

ROWS = 25_000
LEASE = 3.0
SECRET_KEY = "w8Fz3QmYt6RbN1xKd9LvC4sHj7PgAe2U"
LOANS = loans_as_csv([*varied_loans(500) * (ROWS // 500 - 1), *varied_loans(499), LOAN | {"dti": "much"}])


@pytest.fixture
def room(open_postgres_room: OpenRoom) -> BatchRoom:
    return open_postgres_room(LEASE)


WORKER = [*SCORING, "worker", "--lease", str(LEASE)]


def environment_of(url: str, folder: Path, **settings: str) -> dict[str, str]:
    if folder.exists():
        signing_key(folder)  # which the API on the same machine has made
    ours = {"SCORING_DATABASE_URL": url, "SCORING_DATA_DIR": str(folder), "TMPDIR": str(folder)}
    return clean_environment(**ours | settings)


@contextmanager
def worker(url: str, folder: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(
            WORKER,
            env=environment_of(url, folder, **settings),
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


async def until(room: BatchRoom, batch: Batch, holds: Callable[[Batch], bool], *, seconds: float = 30) -> Batch:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = await room.batches.find(batch.batch_id)
        assert found is not None
        if holds(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"it stayed at {found}")


async def accounted_for(room: BatchRoom, batch: Batch) -> None:
    """Every row is decided once or refused once, and what the caller gets is what is on record."""
    text = b"".join([part async for part in room.batches.output(batch.batch_id, BatchOutput.RESULTS)]).decode()
    results = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["row"]) for row in results] == list(range(1, ROWS))
    verifier, entries = ChainVerifier(), []
    async for entry, document in room.trail.entries():
        assert verifier.check(entry, document) is None
        entries.append(entry.subject)
    assert len(entries) == len(set(entries)) == ROWS - 1
    assert {str(subject) for subject in entries} == {row["decision_id"] for row in results}
    errors = b"".join([part async for part in room.batches.output(batch.batch_id, BatchOutput.ERRORS)]).decode()
    assert [row["row"] for row in csv.DictReader(io.StringIO(errors))] == [str(ROWS)]


def ended(batch: Batch) -> bool:
    return batch.state.ended


def under_way(batch: Batch) -> bool:
    return 0 < batch.progress.rows_read < ROWS


async def test_a_worker_killed_half_way_is_taken_over_without_a_row_lost_or_decided_twice(
    room: BatchRoom, migrated_url: str, tmp_path: Path
) -> None:
    batch = await room.hand_in(LOANS)
    with worker(migrated_url, tmp_path) as first:
        left = await until(room, batch, under_way)
        readers = psutil.Process(first.pid).children()
        first.kill()
        first.wait()
        await asyncio.to_thread(eventually, lambda: not any(reader.is_running() for reader in readers))
        with worker(migrated_url, tmp_path):
            done = await until(room, batch, ended)
    assert left.progress.rows_read >= 10_000
    assert (done.state, done.progress.rows_read, done.progress.rows_refused) == (BatchState.DONE, ROWS, 1)
    await accounted_for(room, batch)


async def test_a_worker_taken_for_dead_that_wakes_up_writes_nothing_more(
    room: BatchRoom, migrated_url: str, tmp_path: Path
) -> None:
    batch = await room.hand_in(LOANS)
    with worker(migrated_url, tmp_path) as first:
        stopped_at = await until(room, batch, under_way)
        first.send_signal(signal.SIGSTOP)
        stopped_at = await until(room, batch, lambda _: True)
        with worker(migrated_url, tmp_path):
            further = stopped_at.progress.rows_read
            await until(room, batch, lambda each: each.progress.rows_read > further)
            first.send_signal(signal.SIGCONT)
            done = await until(room, batch, ended)
            await asyncio.sleep(1)  # time for whatever the first still has in mind
    assert stopped_at.progress.rows_read < ROWS
    assert (done.state, done.progress.rows_read) == (BatchState.DONE, ROWS)
    await accounted_for(room, batch)


async def test_a_database_that_goes_away_and_comes_back_costs_no_row(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "data", durable=False) as postgres:
        await migrate(postgres.url)
        engine = database_engine(postgres.url)
        work = PostgresBatchWork(postgres.url, engine, lease_seconds=LEASE)
        batches = PostgresBatches(postgres.url, engine)
        room = BatchRoom(batches, work, PostgresDecisionArchive(engine), PostgresAuditTrail(engine))
        batch = await room.hand_in(LOANS)
        with worker(postgres.url, tmp_path) as process:
            await until(room, batch, under_way)
            await asyncio.to_thread(postgres.stop)
            await asyncio.sleep(1)
            await asyncio.to_thread(postgres.start)
            done = await until(room, batch, ended)
            assert process.poll() is None
        assert (done.state, done.progress.rows_read) == (BatchState.DONE, ROWS)
        await accounted_for(room, batch)
        await engine.dispose()


@pytest.mark.parametrize("ask", [os.kill, os.killpg])
async def test_a_worker_asked_to_stop_finishes_the_chunk_and_leaves_the_rest_at_once(
    room: BatchRoom, migrated_url: str, tmp_path: Path, ask: Callable[[int, int], None]
) -> None:
    """Whether it is asked alone or with its whole process group, the reader of its file included."""
    batch = await room.hand_in(LOANS)
    with worker(migrated_url, tmp_path) as first:
        await until(room, batch, under_way)
        ask(first.pid, signal.SIGTERM)
        assert first.wait(30) == 0
    left = await until(room, batch, lambda _: True)
    assert left.state is BatchState.QUEUED
    with worker(migrated_url, tmp_path):
        done = await until(room, batch, ended, seconds=20)
    assert done.state is BatchState.DONE
    await accounted_for(room, batch)


def test_a_worker_with_a_database_of_others_and_no_key_of_theirs_says_what_to_set(tmp_path: Path) -> None:
    environment = environment_of("postgresql://scoring@db.example/scoring", tmp_path / "new")
    for command in (WORKER, [*SCORING, "webhooks", "secret", "broker"]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: SCORING_SECRET_KEY is not set.")


async def test_the_end_of_a_batch_is_told(room: BatchRoom, migrated_url: str, tmp_path: Path) -> None:
    told: list[tuple[str, bytes]] = []
    arrived = asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        told.append((request.headers["Scoring-Signature"], await request.read()))
        arrived.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/told", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/told"
        batch = await room.hand_in(loans_as_csv([LOAN]), webhook_url=webhook_url)
        with worker(migrated_url, tmp_path, SCORING_SECRET_KEY=SECRET_KEY, SCORING_ALLOW_INSECURE_WEBHOOKS="yes"):
            await asyncio.wait_for(arrived.wait(), 30)
    finally:
        await runner.cleanup()
    ((signature, body),) = told
    stamp, given = (part.partition("=")[2] for part in signature.split(","))
    secret = RecipientSecrets(SECRET_KEY.encode()).secret_of("broker-portal").encode()
    assert given == hmac.new(secret, f"{stamp}.".encode() + body, "sha256").hexdigest()
    ended = json.loads(body)["batch"]
    assert (ended["batch_id"], ended["state"], ended["rows_read"]) == (str(batch.batch_id), "done", 1)


def told_on(port: int) -> dict[str, float]:
    """What a worker's metrics say, each sample summed over its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    told: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            told[sample.name] = told.get(sample.name, 0) + sample.value
    return told


async def test_a_worker_tells_its_metrics_on_a_port_of_its_own(
    room: BatchRoom, migrated_url: str, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    batch = await room.hand_in(LOANS)
    telling = {"SCORING_WORKER_METRICS_PORT": str(port)}
    with worker(migrated_url, tmp_path, **telling) as first:
        await until(room, batch, ended)
        environment = environment_of(migrated_url, tmp_path, **telling)
        refused = await asyncio.to_thread(
            subprocess.run, WORKER, env=environment, capture_output=True, text=True, check=False, timeout=20
        )
        await asyncio.to_thread(eventually, lambda: told_on(port)["scoring_batches_finished_total"] == 1)
        told = told_on(port)
        first.terminate()
        assert first.wait(30) == 0
    assert told["scoring_batch_rows_total"] == ROWS
    assert told["scoring_decisions_total"] == ROWS - 1
    assert told["scoring_outbox_pending_messages"] == 0
    assert told["process_resident_memory_bytes"] > 0
    assert refused.returncode == 1
    assert f"port {port} on 127.0.0.1" in refused.stderr
    assert "SCORING_WORKER_METRICS_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def scoring(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "SCORING_DATABASE_URL": url,
        "SCORING_DATA_DIR": str(folder),
        "SCORING_SECRET_KEY": SECRET_KEY,
    }
    command = [sys.executable, "-m", "entrypoints.cli.main", "webhooks", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)


async def test_dead_letters_are_listed_and_tried_again_from_the_command_line(
    room: BatchRoom, migrated_url: str, tmp_path: Path
) -> None:
    batch = await room.hand_in(webhook_url="https://portal.example/told")
    await room.batches.cancel(batch.batch_id, an_event())
    engine = database_engine(migrated_url)
    outbox = PostgresOutbox(engine)
    message = await outbox.lease_next(duration=timedelta(minutes=1))
    assert message is not None
    await outbox.mark_failed(message.delivery_id, "it was not there", retry_in=None)
    listed = scoring(migrated_url, tmp_path, "dead-letters")
    assert f"{message.delivery_id}  batch.cancelled  https://portal.example/told" in listed.stdout
    assert "1 attempt; it was not there" in listed.stdout
    assert scoring(migrated_url, tmp_path, "retry", str(message.delivery_id)).returncode == 0
    assert await outbox.lease_next(duration=timedelta(0)) is not None
    assert scoring(migrated_url, tmp_path, "retry", str(message.delivery_id)).returncode == 1
    told = scoring(migrated_url, tmp_path, "secret", "broker-portal").stdout.strip()
    assert told == RecipientSecrets(SECRET_KEY.encode()).secret_of("broker-portal")
    await engine.dispose()
