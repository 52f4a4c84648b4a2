"""Submit a file with outcomes of loans, and read how far its import is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.ports.batches.batch_content import BatchContent
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.outcomes.outcome_imports import ImportNotFound, ImportPage, OutcomeImports
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, PageTooLarge
from domain.access.user import Actor, Permission
from domain.audit.event import Detail, EventKind, RecordedEvent
from domain.outcomes.loan_outcome import EARLIEST, InvalidLoanOutcome, OutcomeFault, last_possible_day
from domain.outcomes.outcome_import import OutcomeImport

OPERATION = "import outcomes of loans"


@dataclass(frozen=True, slots=True)
class SubmittedImport:
    """The import; `again` is True if it was submitted before with the same key."""

    wanted: OutcomeImport
    again: bool


@dataclass(frozen=True, slots=True)
class SubmitOutcomeImport:
    """Queues a file on behalf of the actor; a worker reads it."""

    imports: OutcomeImports
    clock: Clock
    identifiers: Identifiers

    async def __call__(
        self,
        content: AsyncIterator[bytes],
        *,
        name: str,
        by: Actor,
        as_of: date | None = None,
        key: IdempotencyKey | None = None,
    ) -> SubmittedImport:
        """Queue the import durably and return it, or the earlier one if the key was used for the same request.

        `as_of` is the day of rows that state none. Raises PermissionDenied and InvalidLoanOutcome before any of
        the content is read, BatchTooLarge, BatchEmpty, KeyReused, BatchQuotaExceeded and TooManyUploads.
        """
        by.require(Permission.RECORD_LOAN_OUTCOMES)
        now = self.clock.now()
        latest = last_possible_day(now)
        if as_of is not None and not EARLIEST <= as_of <= latest:
            allowed = f"a day from {EARLIEST} to {latest}"
            raise InvalidLoanOutcome([OutcomeFault("as_of", f"is {as_of}", allowed)])
        wanted = OutcomeImport(self.identifiers.new(), name, now, by, as_of)

        def claim_on(queued: OutcomeImport) -> Claim:
            request = {"name": name, "as_of": as_of and as_of.isoformat(), "content": queued.digest.hex()}
            assert key is not None  # noqa: S101 - only called with a key
            return Claim.of(key, by=by, operation=OPERATION, request=request)

        claiming = None if key is None else claim_on
        accepted = await self.imports.accept(wanted, BatchContent(content), claiming, self._event_of)
        return SubmittedImport(accepted, again=accepted.import_id != wanted.import_id)

    def _event_of(self, queued: OutcomeImport) -> RecordedEvent:
        details: dict[str, Detail] = {
            "import": str(queued.import_id),
            "name": queued.name,
            "bytes": queued.size,
            "sha256": queued.digest.hex(),
        }
        if queued.as_of is not None:
            details["as_of"] = queued.as_of.isoformat()
        new_event = EventFactory(self.clock, self.identifiers)
        return new_event(EventKind.OUTCOMES_SUBMITTED, queued.requested_by.name, details)


@dataclass(frozen=True, slots=True)
class ReadOutcomeImport:
    """Reads an import that the actor may see."""

    imports: OutcomeImports

    async def __call__(self, import_id: UUID, *, by: Actor) -> OutcomeImport:
        """The import; raises ImportNotFound."""
        by.require(Permission.RECORD_LOAN_OUTCOMES)
        found = await self.imports.find(import_id)
        if found is None or not by.may_see(found.requested_by.name):
            raise ImportNotFound(f"there is no import {import_id}")
        return found


@dataclass(frozen=True, slots=True)
class ListOutcomeImports:
    """Lists imports by page, newest first."""

    imports: OutcomeImports

    async def __call__(self, *, by: Actor, limit: int = 50, before: UUID | None = None) -> ImportPage:
        """The page of imports older than `before`; raises PageTooLarge."""
        by.require(Permission.RECORD_LOAN_OUTCOMES)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} imports, not {limit}")
        return await self.imports.page(limit=limit, before=before, owner=by.visible_owner)


@dataclass(frozen=True, slots=True)
class ReadImportErrors:
    """Returns the refused rows of an import so far, as lines of CSV."""

    imports: OutcomeImports

    async def __call__(self, import_id: UUID, *, by: Actor) -> AsyncIterator[bytes]:
        """The lines with their header; raises ImportNotFound."""
        await ReadOutcomeImport(self.imports)(import_id, by=by)
        return self._lines(import_id)

    async def _lines(self, import_id: UUID) -> AsyncIterator[bytes]:
        yield ERRORS_HEADER
        async for chunk in self.imports.errors(import_id):
            yield chunk


ERRORS_HEADER = b"row,line,reference,field,value,why\n"
