"""`scoring worker`: batches decided by real processes, some of which are killed half-way."""

import asyncio
import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from application.ports.batches import BatchOutput
from batch_room import BatchRoom, OpenRoom, loans_as_csv
from domain.audit.entry import ChainVerifier
from domain.batches.batch import Batch, BatchState
from loan_rows import LOAN, varied_loans

ROWS = 40_000
LEASE = 3.0
LOANS = loans_as_csv([*varied_loans(500) * (ROWS // 500 - 1), *varied_loans(499), LOAN | {"dti": "much"}])


@pytest.fixture
def room(open_postgres_room: OpenRoom) -> BatchRoom:
    return open_postgres_room(LEASE)


@contextmanager
def worker(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_PROCESS_START") if name in os.environ}
    environment = kept | {"SCORING_DATABASE_URL": url, "SCORING_DATA_DIR": str(folder), "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "entrypoints.cli.main", "worker", "--lease", str(LEASE)]
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
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
        first.kill()
        first.wait()
        with worker(migrated_url, tmp_path):
            done = await until(room, batch, ended)
    assert left.progress.rows_read >= 10_000
    assert (done.state, done.progress.rows_read, done.progress.rows_refused) == (BatchState.DONE, ROWS, 1)
    await accounted_for(room, batch)


async def test_a_worker_taken_for_dead_that_wakes_up_writes_nothing_more(
    room: BatchRoom, migrated_url: str, tmp_path: Path
) -> None:
    batch = await room.hand_in(LOANS)
    with worker(migrated_url, tmp_path) as first, worker(migrated_url, tmp_path) as second:
        await until(room, batch, under_way)
        for process in (first, second):  # whichever has it, the other goes on; then both are there again
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(LEASE + 1)
            process.send_signal(signal.SIGCONT)
            if ended(await until(room, batch, lambda _: True)):
                break
        done = await until(room, batch, ended)
    assert (done.state, done.progress.rows_read) == (BatchState.DONE, ROWS)
    await accounted_for(room, batch)


async def test_a_worker_asked_to_stop_finishes_the_stretch_and_leaves_the_rest_at_once(
    room: BatchRoom, migrated_url: str, tmp_path: Path
) -> None:
    batch = await room.hand_in(LOANS)
    with worker(migrated_url, tmp_path) as first:
        await until(room, batch, under_way)
        first.terminate()
        assert first.wait(10) == 0
    left = await until(room, batch, lambda _: True)
    assert left.state is BatchState.QUEUED
    with worker(migrated_url, tmp_path):
        done = await until(room, batch, ended, seconds=20)
    assert done.state is BatchState.DONE
    await accounted_for(room, batch)
