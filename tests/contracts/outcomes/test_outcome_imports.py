"""The contract of every store of imports of outcomes, with the use case that works through a file."""

import asyncio
import csv
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from adapters.loan_files.isolated.uploaded_outcomes import UploadedOutcomes
from adapters.persistence.outcomes.import_work import PostgresImportWork
from adapters.persistence.outcomes.outcome_imports import PostgresOutcomeImports
from adapters.system import TimeOrderedIdentifiers
from application.ports.batches.batch_content import BatchEmpty
from application.ports.decisions.idempotency import IdempotencyKey, KeyReused
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.outcomes.loan_outcomes import LoanConflict
from application.ports.outcomes.outcome_files import OutcomeFiles
from application.ports.outcomes.outcome_imports import (
    ImportedChunk,
    ImportLease,
    ImportLeaseLost,
    ImportNotFound,
    ImportWork,
    OutcomeImports,
)
from application.use_cases.decisions.read_decisions import PageTooLarge
from application.use_cases.outcomes.import_next_outcomes import MAX_ATTEMPTS, ImportNextOutcomes
from application.use_cases.outcomes.import_outcomes import (
    ListOutcomeImports,
    ReadImportErrors,
    ReadOutcomeImport,
    SubmitOutcomeImport,
    SubmittedImport,
)
from contracts.outcomes.test_loan_outcomes import (
    BROKER,
    PORTAL,
    RITA,
    Book,
    book_in_postgres,
    outcome_of,
    stated,
)
from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.money import Money
from domain.outcomes.loan_outcome import InvalidLoanOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.outcomes.outcome_import import ImportEnded, ImportProgress, ImportState, OutcomeImport
from support.batches import pieces
from support.builders import A_MOMENT
from support.databases import Store
from support.engines import execute
from support.memory.applications import MemoryApplications
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.outcomes import MemoryLoanOutcomes, MemoryOutcomeImports
from support.outcome_files import LocalOutcomeFiles

__all__ = ["book_in_postgres"]

IDENTIFIERS = TimeOrderedIdentifiers()
HEADER = "application_reference,status,as_of,booked_on,paid\n"
NOW = A_MOMENT + timedelta(days=200)


@dataclass
class ImportDesk:
    """A book of loans and the import of files into it."""

    book: Book
    imports: OutcomeImports
    work: ImportWork
    files: OutcomeFiles

    async def submit(
        self, content: str, *, by: Actor = RITA, as_of: date | None = None, key: IdempotencyKey | None = None
    ) -> SubmittedImport:
        submit = SubmitOutcomeImport(self.imports, FixedClock(NOW), IDENTIFIERS)
        return await submit(pieces(content.encode()), name="may.csv", by=by, as_of=as_of, key=key)

    def next(self, work: ImportWork | None = None) -> ImportNextOutcomes:
        files = self.files
        return ImportNextOutcomes(
            work or self.work, lambda: files, self.book.outcomes, FixedClock(NOW), IDENTIFIERS
        )

    async def run(self, work: ImportWork | None = None) -> OutcomeImport:
        done = await self.next(work)(stopping=lambda: False)
        assert done is not None
        return done

    async def imported(self, content: str, **options: Any) -> OutcomeImport:
        await self.submit(content, **options)
        return await self.run()

    async def errors(self, wanted: OutcomeImport) -> list[dict[str, str]]:
        lines = await ReadImportErrors(self.imports)(wanted.import_id, by=wanted.requested_by)
        text = b"".join([each async for each in lines]).decode()
        return list(csv.DictReader(text.splitlines()))


@pytest.fixture
async def desk_in_postgres(book_in_postgres: Book, tmp_path: Path) -> AsyncIterator[ImportDesk]:
    assert book_in_postgres.engine is not None
    url, engine = book_in_postgres.url, book_in_postgres.engine
    work = PostgresImportWork(url, engine)
    yield ImportDesk(book_in_postgres, PostgresOutcomeImports(url, engine), work, LocalOutcomeFiles(tmp_path))
    await work.close()


@pytest.fixture(params=["memory", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> ImportDesk:
    if request.param == "postgres":
        found: ImportDesk = request.getfixturevalue("desk_in_postgres")
        return found
    memory = MemoryDecisions()
    book = Book(MemoryLoanOutcomes(memory), MemoryApplications(memory), Store.in_memory(memory))
    imports = MemoryOutcomeImports(memory)
    return ImportDesk(book, imports, imports, LocalOutcomeFiles(tmp_path))


def line(number: int, status: str = "performing", as_of: str = "2026-05-31", paid: str = "100") -> str:
    return f"LN-{number},{status},{as_of},2026-03-16,{paid}\n"


class Killed(BaseException):
    """The worker is killed."""


class Dying(ImportWork):
    """Dies before it records the chunk with this number, after having given its lease back as if it expired."""

    def __init__(self, work: ImportWork, before: int, fault: BaseException) -> None:
        self._work, self._before, self._fault = work, before, fault

    async def record(self, lease: ImportLease, chunk: ImportedChunk) -> ImportLease:
        if chunk.progress.chunks == self._before:
            await self._work.release(lease)
            raise self._fault
        return await self._work.record(lease, chunk)

    lease_seconds = 15.0  # type: ignore[assignment]

    async def lease_next(self, *arguments: Any) -> ImportLease | None:
        return await self._work.lease_next(*arguments)

    async def renew(self, lease: ImportLease) -> None:
        await self._work.renew(lease)

    def content(self, lease: ImportLease) -> AsyncIterator[bytes]:
        return self._work.content(lease)

    async def end(self, lease: ImportLease, ended: OutcomeImport) -> None:
        await self._work.end(lease, ended)

    async def release(self, lease: ImportLease, *, retry_delay_seconds: float = 0.0) -> None:
        raise ImportLeaseLost("released already")


async def test_a_file_is_imported_with_its_progress(desk: ImportDesk) -> None:
    loans = [await desk.book.loan(f"LN-{number}") for number in range(1, 6)]
    submitted = await desk.submit(HEADER + "".join(map(line, range(1, 6))))
    assert (submitted.again, submitted.wanted.state) == (False, ImportState.QUEUED)
    done = await desk.run()

    assert (done.state, done.fault) == (ImportState.DONE, None)
    assert done.progress == ImportProgress(5, 5, 0, 0, 1.0, 3)
    assert await desk.imports.find(done.import_id) == done
    for loan in loans:
        (outcome,) = await desk.book.outcomes.history(loan.loan.application_id)
        assert (outcome.stated.status, outcome.actor) == (LoanStatus.PERFORMING, RITA)
    assert await desk.next()(stopping=lambda: False) is None


async def test_a_file_is_read_in_a_process_of_its_own(desk_in_postgres: ImportDesk, tmp_path: Path) -> None:
    desk = replace(desk_in_postgres, files=UploadedOutcomes(chunk_rows=2, folder=tmp_path))
    loan = await desk.book.loan("LN-1", source="east")
    header = "application_id,status,as_of,booked_on,days_past_due,paid\n"
    row = f"{loan.decision_id},late,2026-05-31,2026-03-16,45,100.25\n"
    done = await desk.imported(header + row + "LN-2,gone,2026-05-31,,,\n" + row)

    assert done.progress == ImportProgress(3, 1, 1, 1, 1.0, 2)
    (outcome,) = await desk.book.outcomes.history(loan.loan.application_id)
    assert (outcome.stated.days_past_due, outcome.stated.amounts.paid) == (45, Money(10_025))
    assert [each["field"] for each in await desk.errors(done)] == ["status"]
    assert await asyncio.to_thread(os.listdir, tmp_path) == []
    failed = await desk.imported("name,town\nMarta,Leeds\n")
    assert failed.fault is not None
    assert failed.fault.startswith("the file lacks required columns: application_reference")


async def test_the_same_file_again_records_nothing(desk: ImportDesk) -> None:
    loan = await desk.book.loan("LN-1")
    content = HEADER + line(1) + line(1, as_of="2026-06-30") + line(1)
    first, again = await desk.imported(content), await desk.imported(content)

    assert (first.progress.recorded, first.progress.repeated) == (2, 1)
    assert (again.progress.recorded, again.progress.repeated, again.progress.rows_read) == (0, 3, 3)
    assert len(await desk.book.outcomes.history(loan.loan.application_id)) == 2


async def test_every_bad_row_is_named_and_the_others_are_recorded(desk: ImportDesk) -> None:
    await desk.book.loan("LN-1")
    await desk.book.decide("LN-2")
    await desk.book.loan("=LN-9")
    content = (
        HEADER
        + line(1, "paid")
        + line(2)
        + line(3)
        + line(1, as_of="2026-06-30")
        + line(1, "Fuly Paid")
        + "=LN-9,performing,2026-03-01,2026-03-16,100000000\n"
    )
    done = await desk.imported(content)

    assert done.progress == ImportProgress(6, 1, 0, 5, 1.0, 3)
    errors = await desk.errors(done)
    assert [(each["row"], each["line"], each["reference"], each["field"]) for each in errors] == [
        ("2", "3", "LN-2", "application_reference"),
        ("3", "4", "LN-3", "application_reference"),
        ("4", "5", "LN-1", "status"),
        ("5", "6", "LN-1", "status"),
        ("6", "7", "'=LN-9", "as_of"),
        ("6", "7", "'=LN-9", "paid"),
    ]
    why = [each["why"] for each in errors]
    assert why[0].startswith("names an application that is not accepted")
    assert why[1] == "names no application"
    assert why[2].startswith("a loan that was paid on 2026-05-31 cannot be performing on 2026-06-30")
    assert "did you mean fully paid" in why[3]


async def test_rows_of_a_loan_count_in_the_order_of_their_days(desk: ImportDesk) -> None:
    loan = await desk.book.loan("LN-1")
    done = await desk.imported(HEADER + line(1, "paid", "2026-06-30") + line(1, "performing", "2026-05-31"))
    assert done.progress.recorded == 2
    history = await desk.book.outcomes.history(loan.loan.application_id)
    assert [each.stated.status for each in history] == [LoanStatus.PERFORMING, LoanStatus.PAID]


async def test_a_service_imports_outcomes_of_its_own_loans_only(desk: ImportDesk) -> None:
    await desk.book.loan("LN-1")
    theirs = await desk.imported(HEADER + line(1), by=BROKER)
    own = await desk.imported(HEADER + line(1), by=PORTAL)

    assert (theirs.progress.refused, own.progress.recorded) == (1, 1)
    assert [each["why"] for each in await desk.errors(theirs)] == ["names no application"]
    with pytest.raises(ImportNotFound):
        await ReadOutcomeImport(desk.imports)(own.import_id, by=BROKER)
    listed = await ListOutcomeImports(desk.imports)(by=BROKER)
    assert [each.import_id for each in listed.imports] == [theirs.import_id]


async def test_an_import_continues_where_a_killed_worker_left_it(desk: ImportDesk) -> None:
    loans = [await desk.book.loan(f"LN-{number}") for number in range(1, 8)]
    await desk.submit(HEADER + "".join(map(line, range(1, 8))))
    for chunk in (2, 3):
        with pytest.raises(Killed):
            await desk.next(Dying(desk.work, chunk, Killed()))(stopping=lambda: False)
    done = await desk.run()

    assert done.progress == ImportProgress(7, 7, 0, 0, 1.0, 4)
    for loan in loans:
        assert len(await desk.book.outcomes.history(loan.loan.application_id)) == 1


async def test_a_stopped_worker_gives_the_import_back(desk: ImportDesk) -> None:
    await desk.book.loan("LN-1")
    await desk.submit(HEADER + line(1))
    left = await desk.next()(stopping=lambda: True)
    assert left is not None
    assert (left.progress.rows_read, left.state) == (0, ImportState.RUNNING)
    assert (await desk.run()).progress.recorded == 1


async def test_outcomes_recorded_at_the_same_time_are_taken_into_account(desk: ImportDesk) -> None:
    """Between reading the loan and recording the chunk, a person records the same outcome."""
    loan = await desk.book.loan("LN-1")
    await desk.submit(HEADER + line(1, paid=""))
    made, after = outcome_of(loan, replace(stated(), as_of=date(2026, 5, 31)))

    class Overtaken(Dying):
        async def record(self, lease: ImportLease, chunk: ImportedChunk) -> ImportLease:
            if chunk.outcomes and not await desk.book.outcomes.history(loan.loan.application_id):
                await desk.book.outcomes.append(made, after)
            return await self._work.record(lease, chunk)

        async def release(self, lease: ImportLease, *, retry_delay_seconds: float = 0.0) -> None:
            await self._work.release(lease, retry_delay_seconds=retry_delay_seconds)

    done = await desk.run(Overtaken(desk.work, 0, Killed()))
    assert (done.progress.recorded, done.progress.repeated) == (0, 1)
    assert list(await desk.book.outcomes.history(loan.loan.application_id)) == [made]


async def test_an_import_of_loans_that_others_change_all_the_time_waits(desk: ImportDesk) -> None:
    await desk.book.loan("LN-1")
    await desk.submit(HEADER + line(1))

    class Conflicting(Dying):
        async def record(self, lease: ImportLease, chunk: ImportedChunk) -> ImportLease:
            raise LoanConflict("again")

        async def release(self, lease: ImportLease, *, retry_delay_seconds: float = 0.0) -> None:
            await self._work.release(lease)

    with pytest.raises(DependencyUnavailable, match="others record outcomes of the same loans"):
        await desk.run(Conflicting(desk.work, 0, Killed()))
    assert (await desk.run()).progress.recorded == 1


async def test_a_file_that_cannot_be_read_fails_and_says_why(desk: ImportDesk) -> None:
    done = await desk.imported("name,town\nMarta,Leeds\n")
    assert done.state is ImportState.FAILED
    assert done.fault is not None
    assert done.fault.startswith("the file lacks required columns: application_reference")
    assert await desk.imports.find(done.import_id) == done


async def test_a_file_that_terminates_workers_fails_after_some_attempts(desk: ImportDesk) -> None:
    submitted = await desk.submit(HEADER + line(1))
    for _ in range(MAX_ATTEMPTS):
        lease = await desk.work.lease_next(NOW)
        assert lease is not None
        await _expire(desk, lease)
    done = await desk.run()
    assert (done.import_id, done.state) == (submitted.wanted.import_id, ImportState.FAILED)
    assert done.fault == f"failed after {MAX_ATTEMPTS} attempts without progress"


async def test_a_role_that_lost_the_permission_imports_nothing(desk: ImportDesk) -> None:
    await desk.submit(HEADER + line(1), by=PORTAL)
    lease = await desk.work.lease_next(NOW)
    assert lease is not None
    demoted = replace(lease, wanted=replace(lease.wanted, requested_by=Actor("portal", Role.AUDITOR)))

    class Demoted(Dying):
        async def lease_next(self, *arguments: Any) -> ImportLease | None:
            return demoted

    done = await desk.run(Demoted(desk.work, 0, Killed()))
    assert done.state is ImportState.FAILED
    assert done.fault is not None
    assert "may no longer record outcomes" in done.fault


async def test_only_one_worker_holds_an_import(desk: ImportDesk) -> None:
    submitted = await desk.submit(HEADER + line(1))
    lease = await desk.work.lease_next(NOW, submitted.wanted.import_id)
    assert lease is not None
    assert await desk.work.lease_next(NOW) is None
    assert await desk.work.lease_next(NOW, uuid4()) is None
    stranger = replace(lease, token=uuid4())
    chunk = ImportedChunk([], [], b"", ImportProgress())
    for act in (
        desk.work.renew(stranger),
        desk.work.release(stranger),
        desk.work.record(stranger, chunk),
        desk.work.end(stranger, lease.wanted.complete(NOW)),
    ):
        with pytest.raises(ImportLeaseLost):
            await act
    await desk.work.renew(lease)
    await desk.work.end(lease, lease.wanted.complete(NOW))
    with pytest.raises(ImportEnded):
        lease.wanted.complete(NOW).fail(NOW, "again")


async def test_a_key_submits_a_file_once(desk: ImportDesk) -> None:
    key = IdempotencyKey("may")
    first = await desk.submit(HEADER + line(1), key=key)
    again = await desk.submit(HEADER + line(1), key=key)
    assert (again.again, again.wanted.import_id) == (True, first.wanted.import_id)
    with pytest.raises(KeyReused):
        await desk.submit(HEADER + line(2), key=key)


async def test_the_day_of_the_file_is_kept(desk: ImportDesk) -> None:
    await desk.book.loan("LN-1")
    done = await desk.imported(HEADER + line(1, as_of=""), as_of=date(2026, 5, 31))
    assert (done.as_of, done.progress.recorded) == (date(2026, 5, 31), 1)
    with pytest.raises(InvalidLoanOutcome, match="as_of is 2027-01-01"):
        await desk.submit(HEADER + line(1), as_of=date(2027, 1, 1))


async def test_imports_are_listed_newest_first(desk: ImportDesk) -> None:
    submitted = [(await desk.submit(HEADER + line(number))).wanted.import_id for number in range(3)]
    page = await ListOutcomeImports(desk.imports)(by=RITA, limit=2)
    rest = await ListOutcomeImports(desk.imports)(by=RITA, limit=2, before=page.next_before)
    assert [each.import_id for each in (*page.imports, *rest.imports)] == sorted(submitted, reverse=True)
    assert rest.next_before is None
    with pytest.raises(PageTooLarge):
        await ListOutcomeImports(desk.imports)(by=RITA, limit=0)


async def test_only_who_may_record_outcomes_submits_and_reads_imports(desk: ImportDesk) -> None:
    auditor = Actor("arthur", Role.AUDITOR)
    with pytest.raises(PermissionDenied):
        await desk.submit(HEADER + line(1), by=auditor)
    with pytest.raises(PermissionDenied):
        await ListOutcomeImports(desk.imports)(by=auditor)
    with pytest.raises(BatchEmpty):
        await desk.submit("")
    with pytest.raises(ImportNotFound):
        await ReadOutcomeImport(desk.imports)(uuid4(), by=RITA)


async def _expire(desk: ImportDesk, lease: ImportLease) -> None:
    """The lease of a worker that died."""
    if isinstance(desk.work, MemoryOutcomeImports):
        desk.work._kept[lease.wanted.import_id].lease_until = 0.0
    else:
        assert desk.book.url
        await asyncio.to_thread(execute, desk.book.url, "UPDATE outcome_imports SET lease_until = now()")
