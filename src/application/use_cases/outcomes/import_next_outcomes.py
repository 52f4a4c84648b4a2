"""Import the next file of outcomes: lease it, continue where it was left, and finish it."""

import asyncio
import csv
import io
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from application.ports.batches.portfolio_files import PortfolioUnreadable
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.operations.identifiers import Identifiers
from application.ports.outcomes.loan_outcomes import LoanConflict, LoanOutcomes
from application.ports.outcomes.outcome_files import OutcomeChunk, OutcomeFiles, RefusedRow
from application.ports.outcomes.outcome_imports import ImportedChunk, ImportLease, ImportLeaseLost, ImportWork
from application.use_cases.outcomes.outcome_rows import JudgeRows
from domain.access.user import Permission
from domain.outcomes.loan_outcome import last_possible_day
from domain.outcomes.outcome_import import ImportProgress, OutcomeImport

MAX_ATTEMPTS = 5
"""Leases without a recorded chunk after which an import fails, because it may be what terminates workers."""
_CONFLICTS = 5
"""How often a chunk is judged again because others recorded outcomes of its loans."""
_FORMULA = re.compile("^[=@\t\r+＝＠＋－-]")
"""A spreadsheet runs a cell that begins like this as a formula."""

_log = logging.getLogger(__name__)


def _unreported(progress: ImportProgress) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class ImportNextOutcomes:
    """Imports one file. Any number of workers, on any number of machines, may do this concurrently.

    Outcomes, their audit entries and the position in the file are recorded in one transaction for each chunk, so
    that a file that was interrupted continues where it was.
    """

    work: ImportWork
    files: Callable[[], OutcomeFiles]
    outcomes: LoanOutcomes
    clock: Clock
    identifiers: Identifiers
    retry_delay_seconds: float = 5.0

    async def __call__(
        self,
        *,
        stopping: Callable[[], bool],
        import_id: UUID | None = None,
        on_progress: Callable[[ImportProgress], None] = _unreported,
    ) -> OutcomeImport | None:
        """Import one file, or the one with this identifier, and return it; None if there is none.

        Before each chunk `stopping` is called; if it returns True, the import is released for another worker.
        Raises DependencyUnavailable; the import is then released, or its lease expires.
        """
        lease = await self.work.lease_next(self.clock.now(), import_id)
        if lease is None:
            return None
        try:
            async with self._renewed(lease):
                return await self._import(lease, stopping, on_progress)
        except ImportLeaseLost:
            _log.info("import %s was taken over", lease.wanted.import_id)
            return lease.wanted
        except DependencyUnavailable:
            with suppress(DependencyUnavailable, ImportLeaseLost):
                await self.work.release(lease, retry_delay_seconds=self.retry_delay_seconds)
            raise

    async def _import(
        self, lease: ImportLease, stopping: Callable[[], bool], on_progress: Callable[[ImportProgress], None]
    ) -> OutcomeImport:
        if lease.attempts > MAX_ATTEMPTS:
            return await self._fail(lease, f"failed after {MAX_ATTEMPTS} attempts without progress")
        wanted = lease.wanted
        if not wanted.requested_by.may(Permission.RECORD_LOAN_OUTCOMES):  # the role lost the permission meanwhile
            role = wanted.requested_by.role.value
            fault = f"a user with the role {role} may no longer record outcomes: submit the file as another user"
            return await self._fail(lease, fault)
        files = await asyncio.to_thread(self.files)
        try:
            async with (
                files.open(
                    self.work.content(lease), after_row=wanted.progress.rows_read, as_of=wanted.as_of
                ) as file,
                aclosing(_read_ahead(file.chunks())) as chunks,
            ):
                async for chunk in chunks:
                    if stopping():
                        await self.work.release(lease)
                        return lease.wanted
                    lease = await self._record(lease, chunk)
                    on_progress(lease.wanted.progress)
        except PortfolioUnreadable as fault:
            return await self._fail(lease, str(fault))
        done = lease.wanted.complete(self.clock.now())
        await self.work.end(lease, done)
        return done

    async def _record(self, lease: ImportLease, chunk: OutcomeChunk) -> ImportLease:
        """Record a chunk; judged again if outcomes of its loans were recorded meanwhile."""
        by, judge = lease.wanted.requested_by, JudgeRows(self.identifiers)
        attempts = _CONFLICTS
        while True:
            found = await self.outcomes.loans({row.key for row in chunk.rows}, by=by)
            now = self.clock.now()
            judged = await asyncio.to_thread(
                judge, chunk.rows, found, by=by, at=now, latest=last_possible_day(now)
            )
            refused = sorted([*chunk.refused, *judged.refused], key=lambda each: each.row)
            progress = lease.wanted.progress.plus(
                recorded=judged.recorded,
                repeated=judged.repeated,
                refused=chunk.rows_read - judged.recorded - judged.repeated,
                share_done=chunk.share_done,
            )
            decided = ImportedChunk(judged.outcomes, judged.loans, error_lines(refused), progress)
            try:
                return await self.work.record(lease, decided)
            except LoanConflict as fault:
                attempts -= 1
                if not attempts:
                    raise DependencyUnavailable("others record outcomes of the same loans") from fault

    async def _fail(self, lease: ImportLease, fault: str) -> OutcomeImport:
        failed = lease.wanted.fail(self.clock.now(), fault)
        await self.work.end(lease, failed)
        return failed

    @asynccontextmanager
    async def _renewed(self, lease: ImportLease) -> AsyncIterator[None]:
        """Renew the lease regularly, so that a long chunk or download does not lose it."""

        async def keep_renewing() -> None:
            while True:
                await asyncio.sleep(self.work.lease_seconds / 3)
                try:
                    await self.work.renew(lease)
                except DependencyUnavailable as fault:
                    _log.warning("the lease of import %s was not renewed: %s", lease.wanted.import_id, fault)
                except ImportLeaseLost:
                    return  # recording the next chunk raises it
                except Exception:  # the next renewal may succeed
                    _log.exception("the lease of import %s was not renewed", lease.wanted.import_id)

        renewing = asyncio.create_task(keep_renewing())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)


async def _read_ahead(chunks: Iterator[OutcomeChunk]) -> AsyncGenerator[OutcomeChunk, None]:
    """The chunks, of which the next one is read while one is recorded."""
    reading = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
    try:
        while (chunk := await reading) is not None:
            reading = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
            yield chunk
    finally:
        await asyncio.gather(reading, return_exceptions=True)  # the thread uses the file


def error_lines(refused: Sequence[RefusedRow]) -> bytes:
    """The lines of CSV of refused rows, without a header; texts of the file cannot run as formulas."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(_cells(refused))
    return lines.getvalue().encode()


def _cells(refused: Sequence[RefusedRow]) -> Iterator[list[object]]:
    for each in refused:
        reference, value = (f"'{text}" if _FORMULA.match(text) else text for text in (each.reference, each.value))
        yield [each.row, each.line, reference, each.field, value, each.why]
