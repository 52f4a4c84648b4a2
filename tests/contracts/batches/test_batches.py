"""The contract of every batch store, for callers and workers."""

import asyncio
import csv
import gzip
import io
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest
from asyncpg import Connection
from asyncpg.transaction import Transaction

from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.database.connections import database_engine
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.batches.batch_content import CHUNK_BYTES, BatchContent, BatchEmpty, BatchTooLarge
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease, LeaseLost
from application.ports.batches.batches import (
    Batches,
    BatchNotFound,
    BatchOutput,
    TooManyUploads,
    UploadUnconfirmed,
)
from application.ports.decisions.decision_ledger import AlreadyRecorded, RecordRefused
from application.ports.decisions.idempotency import IdempotencyKey, KeyReused, OriginalResponseUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.batches.decide_next_batch import MAX_ATTEMPTS, Tools
from application.use_cases.batches.purge_batches import PurgeBatches
from application.use_cases.batches.submit_batch import SubmitBatch
from domain.access.user import Actor, PermissionDenied, Role
from domain.batches.batch import AlreadyEnded, Batch, BatchProgress, BatchState
from domain.batches.file_conventions import conventions_from
from domain.batches.quota import BatchQuota, BatchQuotaExceeded
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from support.batches import PORTAL, SOME_LOANS, BatchStore, OpenBatchStore, loans_as_csv, pieces
from support.builders import A_MOMENT, a_decision_record, an_actor, an_event
from support.loan_rows import LOAN, varied_loans
from support.memory.batches import MemoryBatches
from support.memory.decisions import MemoryDecisions

KEY = IdempotencyKey("monday-1")


def never() -> bool:
    return False


def a_chunk(*, rows: int = 2, progress: BatchProgress | None = None) -> DecidedChunk:
    records = [a_decision_record() for _ in range(rows)]
    usual = BatchProgress(rows_read=rows, referred=rows, share_done=0.5, chunks=1)
    return DecidedChunk(records, b"results\n", b"errors\n", progress or usual)


async def lines(batch_store: BatchStore, batch: Batch, output: BatchOutput) -> list[dict[str, str]]:
    text = b"".join([part async for part in batch_store.batches.output(batch.batch_id, output)]).decode()
    return list(csv.DictReader(io.StringIO(text)))


async def test_a_batch_is_found_as_submitted(batch_store: BatchStore) -> None:
    batch = await batch_store.submit_file(webhook_url="https://portal.example/webhook")
    assert await batch_store.batches.find(batch.batch_id) == batch
    assert (batch.state, batch.size, batch.requested_by) == (BatchState.QUEUED, len(SOME_LOANS), PORTAL)
    assert len(batch.digest) == 32
    assert await batch_store.batches.find(uuid4()) is None


async def test_batches_are_listed_newest_first_in_pages(batch_store: BatchStore) -> None:
    submitted = []
    for _ in range(5):
        submitted.append((await batch_store.submit_file(loans_as_csv([LOAN]))).batch_id)
        await asyncio.sleep(0.002)
    first = await batch_store.batches.page(limit=3)
    rest = await batch_store.batches.page(limit=3, before=first.next_before)
    assert [each.batch_id for each in (*first.batches, *rest.batches)] == submitted[::-1]
    assert rest.next_before is None


async def test_content_is_read_back_unchanged(batch_store: BatchStore) -> None:
    content = bytes(range(256)) * 10_000
    await batch_store.submit_file(content)
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    chunks = [chunk async for chunk in batch_store.work.content(lease)]
    assert b"".join(chunks) == content
    assert [len(chunk) for chunk in chunks[:-1]] == [CHUNK_BYTES] * 2


async def test_a_file_that_is_incomplete_too_large_or_empty_stores_nothing(batch_store: BatchStore) -> None:
    async def broken_off() -> AsyncIterator[bytes]:
        yield bytes(3 * CHUNK_BYTES)
        raise ConnectionError("the caller hung up")

    with pytest.raises(ConnectionError):
        await batch_store.submit(broken_off(), name="half.csv", by=PORTAL)
    with pytest.raises(BatchTooLarge):
        await batch_store.batches.accept(
            Batch(uuid4(), "large.csv", A_MOMENT, PORTAL), BatchContent(pieces(bytes(2001)), max_bytes=2000)
        )
    with pytest.raises(BatchEmpty):
        await batch_store.submit_file(b"")
    assert (await batch_store.batches.page(limit=5)).batches == ()
    assert await batch_store.work.lease_next(A_MOMENT) is None


async def test_a_loan_officer_may_not_submit_a_batch_and_nothing_is_read(batch_store: BatchStore) -> None:
    async def untouched() -> AsyncIterator[bytes]:
        raise AssertionError("the content was read")
        yield b""

    with pytest.raises(PermissionDenied):
        await batch_store.submit(untouched(), name="a.csv", by=Actor("marta", Role.LOAN_OFFICER))


async def test_the_same_key_and_file_return_the_same_batch_and_another_file_is_refused(
    batch_store: BatchStore,
) -> None:
    first = await batch_store.submit_file(key=KEY)
    assert await batch_store.submit_file(key=KEY) == first
    with pytest.raises(KeyReused):
        await batch_store.submit_file(loans_as_csv([LOAN]), key=KEY)
    with pytest.raises(KeyReused):
        await batch_store.submit_file(key=KEY, webhook_url="https://elsewhere.example/")
    assert (
        await batch_store.submit_file(key=KEY, by=Actor("other-portal", Role.SERVICE))
    ).batch_id != first.batch_id


async def test_a_key_whose_batch_was_purged_is_reported(batch_store: BatchStore) -> None:
    await batch_store.submit_file(key=KEY)
    await batch_store.worker()(stopping=never)
    assert await batch_store.batches.purge(older_than=timedelta(), limit=1) == 1
    with pytest.raises(OriginalResponseUnavailable, match="has been purged"):
        await batch_store.submit_file(key=KEY)


async def test_two_concurrent_submissions_with_one_key_create_one_batch(batch_store: BatchStore) -> None:
    both = await asyncio.gather(batch_store.submit_file(key=KEY), batch_store.submit_file(key=KEY))
    assert both[0].batch_id == both[1].batch_id
    assert len((await batch_store.batches.page(limit=5)).batches) == 1


async def test_a_worker_decides_every_row_and_reports_each_result(batch_store: BatchStore) -> None:
    loans = varied_loans(250)
    loans[120] = LOAN | {"dti": "much"}
    batch = await batch_store.submit_file(loans_as_csv(loans))
    done = await batch_store.worker()(stopping=never)
    assert done is not None
    assert await batch_store.batches.find(batch.batch_id) == done
    progress = done.progress
    assert (done.state, done.fault) == (BatchState.DONE, None)
    assert (progress.rows_read, progress.rows_refused, progress.rows_decided) == (250, 1, 249)
    assert (progress.share_done, progress.chunks) == (1.0, 3)
    assert done.started_at is not None
    assert done.finished_at is not None
    results = await lines(batch_store, batch, BatchOutput.RESULTS)
    assert [int(row["row"]) for row in results] == [row for row in range(1, 251) if row != 121]
    (fault,) = await lines(batch_store, batch, BatchOutput.ERRORS)
    assert (fault["row"], fault["line"], fault["field"]) == ("121", "122", "dti")
    record = await batch_store.archive.find(UUID(results[0]["decision_id"]))
    assert record is not None
    assert (record.requested_by, record.received_through) == (PORTAL, "batch")
    assert repr(record.prediction.pd.value) == results[0]["probability_of_default"]
    assert await batch_store.on_record() == 249


async def test_references_kept_columns_and_trial_reach_results_and_records(batch_store: BatchStore) -> None:
    loans = [LOAN | {"Loan Number": f"LN-{number}", "branch": "north"} for number in range(150)]
    batch = await batch_store.submit_file(loans_as_csv(loans), keep=("branch",), trial=True)
    assert (batch.keep, batch.trial) == (("branch",), True)
    done = await batch_store.worker()(stopping=never)
    assert done is not None
    assert (done.state, done.keep, done.trial) == (BatchState.DONE, ("branch",), True)
    assert await batch_store.batches.find(batch.batch_id) == done
    results = await lines(batch_store, batch, BatchOutput.RESULTS)
    assert [row["application_reference"] for row in results] == [f"LN-{number}" for number in range(150)]
    assert {row["branch"] for row in results} == {"north"}
    record = await batch_store.archive.find(UUID(results[149]["decision_id"]))
    assert isinstance(record, DecisionRecord)
    assert (record.identity.application_reference, record.trial) == ("LN-149", True)


async def test_a_batch_whose_file_lacks_a_column_to_keep_fails(batch_store: BatchStore) -> None:
    await batch_store.submit_file(loans_as_csv([LOAN]), keep=("branch",))
    failed = await batch_store.worker()(stopping=never)
    assert failed is not None
    assert failed.state is BatchState.FAILED
    assert "lacks columns to be kept: branch. Columns found: annual_inc" in (failed.fault or "")


async def test_a_key_stands_for_the_options_of_a_batch(batch_store: BatchStore) -> None:
    first = await batch_store.submit_file(key=KEY, trial=True)
    assert await batch_store.submit_file(key=KEY, trial=True) == first
    for options in ({}, {"trial": True, "keep": ("dti",)}):
        with pytest.raises(KeyReused):
            await batch_store.submit_file(key=KEY, **options)


async def test_a_second_worker_finds_no_batch_while_the_first_holds_the_lease(batch_store: BatchStore) -> None:
    await batch_store.submit_file()
    assert await batch_store.work.lease_next(A_MOMENT) is not None
    assert await batch_store.work.lease_next(A_MOMENT) is None


async def test_the_oldest_batch_is_processed_first(batch_store: BatchStore) -> None:
    first = await batch_store.submit_file()
    await asyncio.sleep(0.002)
    await batch_store.submit_file()
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    assert lease.batch.batch_id == first.batch_id


async def test_an_abandoned_batch_is_leased_again_and_its_first_worker_cannot_write(
    open_batch_store: OpenBatchStore,
) -> None:
    batch_store = open_batch_store(0.2)
    await batch_store.submit_file()
    first = await batch_store.work.lease_next(A_MOMENT)
    assert first is not None
    first = await batch_store.work.record(first, a_chunk())
    await asyncio.sleep(0.3)
    second = await batch_store.work.lease_next(A_MOMENT)
    assert second is not None
    assert second.batch.progress == first.batch.progress
    for late in (
        batch_store.work.record(first, a_chunk(progress=BatchProgress(rows_read=4, referred=4, chunks=2))),
        batch_store.work.renew(first),
        batch_store.work.end(first, first.batch.complete(A_MOMENT)),
        batch_store.work.release(first),
    ):
        with pytest.raises(LeaseLost):
            await late
    assert await batch_store.on_record() == 2
    await batch_store.work.record(second, a_chunk(progress=BatchProgress(rows_read=4, referred=4, chunks=2)))
    assert await batch_store.on_record() == 4


async def test_a_renewed_lease_remains_valid(open_batch_store: OpenBatchStore) -> None:
    batch_store = open_batch_store(0.4)
    await batch_store.submit_file()
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    for _ in range(3):
        await asyncio.sleep(0.2)
        await batch_store.work.renew(lease)
    assert await batch_store.work.lease_next(A_MOMENT) is None


async def test_a_refused_chunk_does_not_change_the_progress(batch_store: BatchStore) -> None:
    await batch_store.submit_file()
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    chunk = a_chunk()
    lease = await batch_store.work.record(lease, chunk)
    with pytest.raises(AlreadyRecorded):
        await batch_store.work.record(lease, chunk)
    found = await batch_store.batches.find(lease.batch.batch_id)
    assert found is not None
    assert found.progress == chunk.progress
    assert await batch_store.on_record() == 2


async def test_a_record_that_cannot_be_stored_does_not_prevent_further_work(
    open_postgres_batch_store: OpenBatchStore,
) -> None:
    """The error occurs while writing, on the connection that the next chunk needs."""
    batch_store = open_postgres_batch_store(15.0)
    await batch_store.submit_file()
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    chunk = a_chunk(rows=350)
    unwritable = a_decision_record(requested_by=an_actor(name="half \ud800"))
    with pytest.raises(RecordRefused):
        await batch_store.work.record(lease, replace(chunk, records=[*chunk.records[:250], unwritable]))
    assert await batch_store.on_record() == 0
    await batch_store.work.record(lease, chunk)
    assert await batch_store.on_record() == 350


async def test_a_cancelled_batch_stops_immediately(batch_store: BatchStore) -> None:
    await batch_store.submit_file()
    lease = await batch_store.work.lease_next(A_MOMENT)
    assert lease is not None
    lease = await batch_store.work.record(lease, a_chunk())
    event = an_event()
    cancelled = await batch_store.batches.cancel(lease.batch.batch_id, event)
    assert (cancelled.state, cancelled.progress.rows_decided) == (BatchState.CANCELLED, 2)
    assert cancelled.finished_at == event.at
    with pytest.raises(LeaseLost):
        await batch_store.work.record(lease, a_chunk())
    assert await batch_store.on_record() == 2
    with pytest.raises(AlreadyEnded):
        await batch_store.batches.cancel(lease.batch.batch_id, an_event())
    with pytest.raises(BatchNotFound):
        await batch_store.batches.cancel(uuid4(), an_event())
    submitted, *later = await batch_store.events()
    assert b'"batch submitted"' in (submitted or b"")
    assert later == [event.document()]
    assert await batch_store.work.lease_next(A_MOMENT) is None


async def test_a_stopped_worker_releases_the_batch_and_the_next_continues_it(batch_store: BatchStore) -> None:
    batch = await batch_store.submit_file()
    answers = iter([False, True])
    left = await batch_store.worker()(stopping=lambda: next(answers))
    assert left is not None
    assert (left.state, left.progress.rows_read) == (BatchState.QUEUED, 100)
    done = await batch_store.worker(chunk_rows=70)(stopping=never)
    assert done is not None
    assert (done.state, done.progress.rows_decided) == (BatchState.DONE, 250)
    results = await lines(batch_store, batch, BatchOutput.RESULTS)
    assert [int(row["row"]) for row in results] == list(range(1, 251))
    assert await batch_store.on_record() == 250


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "the file lacks required columns"),
        (
            gzip.compress(b"loans.csv\0\0\0 0000644,b\n1,2\n"),
            "the file is not text or any other kind of loan file",
        ),
        (b"PAR1 and nothing else", "the file is a damaged Parquet file"),
        (b"PK\x03\x04", "the file is a zip archive or an Excel workbook; unpack it, or save it as CSV."),
    ],
    ids=["other columns", "a tar archive", "damaged Parquet", "a zip archive"],
)
async def test_a_file_that_cannot_be_read_fails_with_the_reason(
    batch_store: BatchStore, content: bytes, message: str
) -> None:
    batch = await batch_store.submit_file(content)
    await batch_store.worker()(stopping=never)
    failed = await batch_store.batches.find(batch.batch_id)
    assert failed is not None
    assert failed.state is BatchState.FAILED
    assert (failed.fault or "").startswith(message)
    assert await lines(batch_store, batch, BatchOutput.RESULTS) == []


class Away:
    """A batch store that leases batches but cannot record decisions."""

    def __init__(self, work: BatchWork) -> None:
        self._work = work

    def __getattr__(self, name: str) -> object:
        return getattr(self._work, name)

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        raise DependencyUnavailable("too many connections")


async def test_an_outage_does_not_fail_the_batch(batch_store: BatchStore) -> None:
    batch = await batch_store.submit_file()
    worker = batch_store.worker()
    for _ in range(MAX_ATTEMPTS + 2):
        with pytest.raises(DependencyUnavailable):
            await replace(worker, work=cast(BatchWork, Away(batch_store.work)), retry_delay_seconds=0.0)(
                stopping=never
            )
    done = await worker(stopping=never)
    assert done is not None
    assert (done.batch_id, done.state, done.progress.rows_decided) == (batch.batch_id, BatchState.DONE, 250)


class FailsOnceToRenew:
    """A batch store whose first renewal raises an unexpected error."""

    def __init__(self, work: BatchWork) -> None:
        self._work = work
        self.renewals = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._work, name)

    async def renew(self, lease: Lease) -> None:
        self.renewals += 1
        if self.renewals == 1:
            raise RuntimeError("an unforeseen error")
        await self._work.renew(lease)


async def test_a_failed_renewal_does_not_stop_later_renewals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    decisions = MemoryDecisions()
    batches = MemoryBatches(decisions, lease_seconds=1.5)
    batch_store = BatchStore(batches, batches, decisions, decisions)
    await batch_store.submit_file()
    work, ready = FailsOnceToRenew(batch_store.work), threading.Event()
    worker = batch_store.worker()

    def slow_tools(policy: ScoringPolicy) -> Tools:
        ready.wait(10)
        return worker.tools(policy)

    working = asyncio.create_task(replace(worker, work=cast(BatchWork, work), tools=slow_tools)(stopping=never))
    await asyncio.sleep(2.0)  # longer than the lease
    assert await batch_store.work.lease_next(A_MOMENT) is None
    ready.set()
    done = await working
    assert done is not None
    assert done.state is BatchState.DONE
    assert work.renewals >= 2
    assert ["was not renewed" in record.message for record in caplog.records] == [True]


async def test_a_worker_with_a_full_disk_leaves_the_batch_to_others(
    batch_store: BatchStore, tmp_path: Path
) -> None:
    batch = await batch_store.submit_file()
    for _ in range(MAX_ATTEMPTS + 2):
        with pytest.raises(DependencyUnavailable, match="cannot be written to this worker's disk"):
            await replace(batch_store.worker(folder=tmp_path / "nowhere"), retry_delay_seconds=0.0)(stopping=never)
    done = await batch_store.worker()(stopping=never)
    assert done is not None
    assert (done.batch_id, done.state) == (batch.batch_id, BatchState.DONE)


async def test_a_batch_too_large_for_a_worker_does_not_block_later_batches(
    batch_store: BatchStore, tmp_path: Path
) -> None:
    large = await batch_store.submit_file()
    await asyncio.sleep(0.005)  # within one millisecond the order is random
    small = await batch_store.submit_file()
    with pytest.raises(DependencyUnavailable):
        await replace(batch_store.worker(folder=tmp_path / "nowhere"), retry_delay_seconds=0.5)(stopping=never)
    worker = batch_store.worker()
    done = [await worker(stopping=never)]
    await asyncio.sleep(0.6)
    done.append(await worker(stopping=never))
    assert [each and each.batch_id for each in done] == [small.batch_id, large.batch_id]


async def test_a_batch_of_a_user_who_lost_the_permission_fails_with_a_reason(batch_store: BatchStore) -> None:
    before = Batch(TimeOrderedIdentifiers().new(), "loans.csv", A_MOMENT, Actor("ada", Role.ADMIN))
    await batch_store.batches.accept(before, BatchContent(pieces(SOME_LOANS)))
    failed = await batch_store.worker()(stopping=never)
    assert failed is not None
    assert (failed.batch_id, failed.state) == (before.batch_id, BatchState.FAILED)
    assert (
        failed.fault == "a user with the role admin may no longer submit batches: submit the file as another user"
    )
    assert await batch_store.on_record() == 0


async def test_what_the_caller_states_about_the_file_is_kept_and_its_remarks_too(batch_store: BatchStore) -> None:
    loans = [LOAN | {"dti": dti, "revol_util": "0.4"} for dti in ("0.05", "0.155", "0.4", "0.2107")]
    stated = conventions_from({"percent_as": "fraction", "income_as": "yearly:annual_inc"})
    numbered = b"\n".join(
        line if number == 0 else str(number).encode() + b"," + line
        for number, line in enumerate(loans_as_csv(loans).splitlines())
    )
    submitted = await batch_store.submit_file(numbered, conventions=stated)
    found = await batch_store.batches.find(submitted.batch_id)
    assert found is not None
    assert found.conventions == stated
    done = await batch_store.worker()(stopping=never)
    assert done is not None
    assert (done.state, done.progress.rows_decided) == (BatchState.DONE, 4)
    assert done.notices == ("its first column has no name and numbers the rows; it is ignored",)
    assert await batch_store.batches.find(submitted.batch_id) == done


async def test_a_batch_of_which_every_row_is_rejected_fails_with_the_first_reason(batch_store: BatchStore) -> None:
    await batch_store.submit_file(loans_as_csv([LOAN | {"purpose": "yacht"}] * 3))
    failed = await batch_store.worker()(stopping=never)
    assert failed is not None
    assert (failed.state, failed.progress.rows_refused) == (BatchState.FAILED, 3)
    assert failed.fault is not None
    assert failed.fault.startswith(
        "every row was rejected, 3 in all, and nothing was decided. The first: row 1, line 2"
    )
    assert "yacht" not in failed.fault


@pytest.mark.parametrize("role", [Role.SERVICE, Role.RISK_MANAGER])
async def test_a_batch_of_a_user_with_the_permission_is_decided(batch_store: BatchStore, role: Role) -> None:
    await batch_store.submit_file(by=Actor("rita", role))
    done = await batch_store.worker()(stopping=never)
    assert done is not None
    assert (done.state, done.progress.rows_decided) == (BatchState.DONE, 250)


async def test_a_batch_that_crashes_its_workers_fails(open_batch_store: OpenBatchStore) -> None:
    batch_store = open_batch_store(0.01)
    batch = await batch_store.submit_file()
    for _ in range(5):
        assert await batch_store.work.lease_next(A_MOMENT) is not None
        await asyncio.sleep(0.03)
    await batch_store.worker()(stopping=never)
    given_up = await batch_store.batches.find(batch.batch_id)
    assert given_up is not None
    assert given_up.state is BatchState.FAILED
    assert given_up.fault == "failed after 5 attempts without progress"


async def test_an_old_batch_is_purged_and_its_decisions_remain(batch_store: BatchStore) -> None:
    old = await batch_store.submit_file()
    await batch_store.worker()(stopping=never)
    open_one = await batch_store.submit_file(loans_as_csv([LOAN]))
    assert await batch_store.batches.purge(older_than=timedelta(hours=1), limit=10) == 0
    assert await PurgeBatches(batch_store.batches, timedelta())() == 1
    assert await batch_store.batches.find(old.batch_id) is None
    assert await lines(batch_store, old, BatchOutput.RESULTS) == []
    assert await batch_store.batches.find(open_one.batch_id) == open_one
    assert await batch_store.on_record() == 250


async def test_purging_a_batch_purges_its_webhook_messages(batch_store: BatchStore) -> None:
    for _ in range(3):
        batch = await batch_store.submit_file(webhook_url="https://portal.example/webhook")
        await batch_store.batches.cancel(batch.batch_id, an_event(at=datetime.now(UTC)))
    await asyncio.sleep(0.01)
    assert [await batch_store.batches.purge(older_than=timedelta(), limit=2) for _ in range(3)] == [2, 1, 0]


def test_progress_adds_up() -> None:
    outcomes = {Outcome.APPROVED: 3, Outcome.DECLINED: 1}
    progress = BatchProgress().plus(rows_read=5, rows_refused=1, outcomes=outcomes, share_done=0.5)
    assert progress == BatchProgress(5, 1, 3, 0, 1, 0.5, 1)
    assert progress.rows_decided == 4


async def test_callers_are_served_in_turn_regardless_of_their_number_of_batches(batch_store: BatchStore) -> None:
    small = loans_as_csv([LOAN])
    shop, bank = Actor("shop", Role.SERVICE), Actor("bank", Role.SERVICE)
    for caller in (PORTAL, PORTAL, PORTAL, PORTAL, shop, shop, bank):
        await batch_store.submit_file(small, by=caller)
        await asyncio.sleep(0.002)  # identifiers sort by the millisecond
    served = []
    for minute in range(7):
        lease = await batch_store.work.lease_next(A_MOMENT + timedelta(minutes=minute))
        assert lease is not None
        served.append(lease.batch.requested_by.name)
        await batch_store.work.end(lease, lease.batch.complete(A_MOMENT + timedelta(hours=1)))
    assert served == ["broker-portal", "shop", "bank", "broker-portal", "shop", "broker-portal", "broker-portal"]
    assert await batch_store.work.lease_next(A_MOMENT) is None


async def test_the_number_of_queued_batches_of_a_caller_is_limited(batch_store: BatchStore) -> None:
    small, other = loans_as_csv([LOAN]), Actor("other-portal", Role.SERVICE)
    first = await batch_store.submit_file(small, key=KEY)
    for _ in range(19):
        await batch_store.submit_file(small)
    with pytest.raises(BatchQuotaExceeded, match="already has 20 batches queued or running") as refused:
        await batch_store.submit_file(small)
    assert refused.value.retry_after > 0
    assert await batch_store.submit_file(small, key=KEY) == first
    await batch_store.submit_file(small, by=other)
    await batch_store.batches.cancel(first.batch_id, an_event())
    await batch_store.submit_file(small, key=IdempotencyKey("monday-2"))
    with pytest.raises(BatchQuotaExceeded):
        await batch_store.submit_file(small, key=IdempotencyKey("monday-3"))


@pytest.mark.parametrize("store", ["memory", "postgres"])
async def test_the_size_of_queued_batches_of_a_caller_is_limited(store: str, migrated_url: str) -> None:
    engine, quota = database_engine(migrated_url), BatchQuota(size=3_000)
    batches: Batches = (
        MemoryBatches(MemoryDecisions(), quota=quota)
        if store == "memory"
        else PostgresBatches(migrated_url, engine, quota=quota)
    )
    sizes = [1_000, 2_000]
    for size in sizes:
        await batches.accept(Batch(uuid4(), "loans.csv", A_MOMENT, PORTAL), BatchContent(pieces(bytes(size))))
    with pytest.raises(BatchQuotaExceeded, match="limit of 0 MiB"):
        await batches.accept(Batch(uuid4(), "loans.csv", A_MOMENT, PORTAL), BatchContent(pieces(bytes(1))))
    assert len((await batches.page(limit=9)).batches) == len(sizes)
    await engine.dispose()


async def test_uploads_that_finish_together_do_not_exceed_the_quota(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    batches = PostgresBatches(migrated_url, engine, quota=BatchQuota(batches=1, uploads=8))
    all_let_in = asyncio.Barrier(5)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"a,b"
        await asyncio.wait_for(all_let_in.wait(), 20)

    uploads = [
        batches.accept(Batch(uuid4(), "loans.csv", A_MOMENT, PORTAL), BatchContent(slowly())) for _ in range(5)
    ]
    ended = await asyncio.gather(*uploads, return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["Batch", *["BatchQuotaExceeded"] * 4]
    await engine.dispose()


async def test_one_caller_has_at_most_two_concurrent_uploads(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    batches = PostgresBatches(migrated_url, engine)
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"a,b"
        await go_on.wait()

    def a_batch(by: Actor = PORTAL) -> Batch:
        return Batch(uuid4(), "loans.csv", A_MOMENT, by)

    slow = [asyncio.create_task(batches.accept(a_batch(), BatchContent(slowly()))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BatchQuotaExceeded, match="uploads in progress"):
        await batches.accept(a_batch(), BatchContent(pieces(b"a,b")))
    other = Actor("other-portal", Role.SERVICE)
    assert (await batches.accept(a_batch(other), BatchContent(pieces(b"a,b")))).requested_by == other
    go_on.set()
    await asyncio.gather(*slow)
    assert (await batches.accept(a_batch(), BatchContent(pieces(b"a,b")))).size == 3
    await engine.dispose()


async def test_the_number_of_concurrent_uploads_is_limited(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    batches = PostgresBatches(migrated_url, engine, max_uploads=1)
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"a,b"
        await go_on.wait()

    def a_batch() -> Batch:
        return Batch(uuid4(), "loans.csv", A_MOMENT, PORTAL)

    first = asyncio.create_task(batches.accept(a_batch(), BatchContent(slowly())))
    await asyncio.sleep(0)
    with pytest.raises(TooManyUploads):
        await batches.accept(a_batch(), BatchContent(pieces(b"a,b")))
    go_on.set()
    assert (await first).size == 3
    assert (await batches.accept(a_batch(), BatchContent(pieces(b"a,b")))).size == 3
    await engine.dispose()


async def test_a_batch_with_an_unconfirmed_commit_is_not_reported_as_failed(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Transaction.commit

    async def unheard(transaction: Transaction) -> None:
        await commit(transaction)
        raise ConnectionResetError

    engine = database_engine(migrated_url)
    submit = SubmitBatch(PostgresBatches(migrated_url, engine), SystemClock(), TimeOrderedIdentifiers())
    monkeypatch.setattr(Transaction, "commit", unheard)
    with pytest.raises(UploadUnconfirmed):
        await submit(pieces(SOME_LOANS), name="loans.csv", by=PORTAL, key=KEY)
    monkeypatch.undo()
    again = await submit(pieces(SOME_LOANS), name="loans.csv", by=PORTAL, key=KEY)
    assert again.again
    await engine.dispose()


async def test_a_batch_is_accepted_if_the_connection_is_lost_after_the_commit(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_timeouts: list[float] = []

    async def no_answer(connection: Connection, *, timeout: float) -> None:  # noqa: ASYNC109 - the driver's signature
        connection.terminate()
        close_timeouts.append(timeout)
        raise TimeoutError

    engine = database_engine(migrated_url)
    batches = PostgresBatches(migrated_url, engine)
    submit = SubmitBatch(batches, SystemClock(), TimeOrderedIdentifiers())
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "close", no_answer)
        accepted = await submit(pieces(SOME_LOANS), name="loans.csv", by=PORTAL)
    assert close_timeouts == [2]
    assert await batches.find(accepted.batch.batch_id) == accepted.batch
    await engine.dispose()


async def test_an_unreachable_database_is_reported(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    batches = PostgresBatches("postgresql://nobody@127.0.0.1:1/none", engine)
    with pytest.raises(DependencyUnavailable):
        await batches.accept(Batch(uuid4(), "loans.csv", A_MOMENT, PORTAL), BatchContent(pieces(b"a,b")))
    await engine.dispose()
