"""Decides a portfolio chunk by chunk, ahead of the code that records and writes the results."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from application.ports.batches.portfolio import (
    Columns,
    DecidedLoans,
    LoanChunk,
    Origin,
    Portfolio,
    PortfolioDecider,
)
from application.ports.decisions.decision_ledger import (
    ApplicationReferenceTaken,
    HistoryChanged,
    LedgerUnavailable,
    ReferencesTaken,
)
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.applications.supersede_decision import RecordSuperseding
from application.use_cases.batches.file_applicants import ApplicantLookup, ApplicantRows, FileApplicants
from application.use_cases.batches.ordered_concurrent_map import ordered_concurrent_map
from application.use_cases.batches.repeated_references import without_taken
from application.use_cases.batches.superseding_rows import SupersedingRows
from domain.access.user import Actor
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome

Recorded = TypeVar("Recorded")
_MAX_ATTEMPTS = 5
"""How often a chunk is decided while other applications of its applicants are recorded."""


@dataclass(frozen=True, slots=True)
class PreparedChunk:
    """A chunk with its decisions, and with identifiers and records if it will be recorded.

    The records are created during iteration, while the database writes earlier ones. `originals` are those that
    the chunk's twins repeat. `unsettled` is the chunk before rows with `taken` references were removed.
    """

    chunk: LoanChunk
    decided: DecidedLoans
    identifiers: Sequence[UUID] | None = None
    records: Iterable[DecisionRecord] = ()
    applicants: ApplicantRows | None = None
    file: "_File | None" = None
    originals: Sequence[DecisionRecord] = ()
    unsettled: "PreparedChunk | None" = None
    taken: Mapping[ApplicationReference, ApplicationReferenceTaken] = field(default_factory=dict)

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """The number of loans by outcome, those with an earlier decision included."""
        earlier = self._with_twins().repeated_outcomes
        return {outcome: count + earlier.get(outcome, 0) for outcome, count in self.decided.outcomes.items()}

    def results(self) -> Columns:
        """The results in the order of the rows, those of earlier decisions included."""
        return self.decided.results(self.identifiers, self._with_twins().repeated)

    def _with_twins(self) -> LoanChunk:
        if not self.originals:
            return self.chunk
        twins = replace(self.chunk, loans=self.chunk.twins)
        return self.decided.without(twins, {}, dict(enumerate(self.originals)))


@dataclass(frozen=True, slots=True)
class PrefetchingDecider:
    """Decides by column on threads; `recorded` says whether records are created.

    Without `applicants` every row is decided as the first application of its applicant. Rows that supersede
    decisions need `applicants` and `supersede`; otherwise, and where nothing but a trial is recorded, they are
    decided like the others.
    """

    decider: PortfolioDecider
    clock: Clock
    identifiers: Identifiers
    recorded: bool = True
    applicants: ApplicantLookup | None = None
    supersede: RecordSuperseding | None = None

    def __call__(
        self, portfolio: Portfolio, *, by: Actor, received_through: str, trial: bool = False
    ) -> AsyncGenerator[PreparedChunk, None]:
        """The decided chunks in order; the caller must close the generator. A `trial` is recorded as one.

        Besides the caller's chunk, memory holds one with identifiers, up to `max_in_flight` of the decider, and
        one that was read.
        """
        applicants = superseding = None
        if self.applicants is not None:
            numbered = self.recorded and not trial
            applicants = self.applicants.follow(self.clock, self.identifiers, numbered=numbered)
            if numbered and self.supersede is not None:
                tools = self.decider, self.applicants, self.supersede
                superseding = SupersedingRows(*tools, self.clock, self.identifiers)
        file = _File(self, applicants, superseding, by, received_through, trial)
        read = ordered_concurrent_map(_read(portfolio.chunks()), file.look_up)
        decided = ordered_concurrent_map(read, file.decide, max_in_flight=self.decider.max_in_flight)
        return ordered_concurrent_map(decided, file.complete)


async def _nothing() -> None:
    """Do nothing."""


async def record_prepared(
    prepared: PreparedChunk,
    record: Callable[[PreparedChunk], Awaitable[Recorded]],
    before_each: Callable[[], Awaitable[None]] = _nothing,
) -> tuple[PreparedChunk, Recorded]:
    """Record a chunk; returns it as it is recorded, which may be decided again, and the result of `record`.

    The rows that supersede decisions come first, one by one; `before_each` is called before each of them. Where
    another application of an applicant was recorded meanwhile the chunk is decided again.
    """
    if prepared.file is not None and prepared.chunk.superseding is not None:
        prepared = await prepared.file.supersede(prepared, before_each)
    for _ in range(_MAX_ATTEMPTS):
        try:
            recorded = await record(prepared)
        except HistoryChanged:
            if prepared.file is None:
                raise
            prepared = await prepared.file.again(prepared)
        except ReferencesTaken as conflict:
            if prepared.file is None:
                raise
            prepared = await prepared.file.settle(prepared, conflict.taken)
        else:
            if prepared.file is not None:
                prepared.file.end(prepared)
            return prepared, recorded
    raise LedgerUnavailable(f"applications of the same applicants were recorded {_MAX_ATTEMPTS} times meanwhile")


@dataclass(frozen=True, slots=True, eq=False)
class _LookedUp:
    """A chunk whose `loans` have their applicants' histories."""

    chunk: LoanChunk
    loans: Columns
    applicants: ApplicantRows | None


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """The steps of deciding one file."""

    ahead: PrefetchingDecider
    applicants: FileApplicants | None
    superseding: SupersedingRows | None
    by: Actor
    received_through: str
    trial: bool

    async def look_up(self, chunk: LoanChunk) -> _LookedUp:
        if self.superseding is not None:
            chunk = await asyncio.to_thread(self.superseding.separate, chunk)
        if self.applicants is None:
            return _LookedUp(chunk, chunk.loans, None)
        return _LookedUp(chunk, *await self.applicants.look_up(chunk.loans))

    async def decide(self, found: _LookedUp) -> tuple[_LookedUp, DecidedLoans]:
        return found, await self.ahead.decider.decide(found.loans)

    async def complete(self, step: tuple[_LookedUp, DecidedLoans]) -> PreparedChunk:
        found, decided = step
        if found.applicants is not None:
            decided = await self._after_declines(found.applicants, found.loans, decided)
        prepared = PreparedChunk(found.chunk, decided, applicants=found.applicants, file=self)
        return await asyncio.to_thread(self._with_records, prepared) if self.ahead.recorded else prepared

    async def _after_declines(self, rows: ApplicantRows, loans: Columns, decided: DecidedLoans) -> DecidedLoans:
        """The decisions with those made again whose applicant was declined in an earlier row."""
        assert self.applicants is not None  # noqa: S101 - it made the rows
        changed = await asyncio.to_thread(self.applicants.declined_before, rows, decided)
        if not changed:
            return decided
        columns, places = self.applicants.columns, list(changed)
        loans = columns.with_histories(loans, {**rows.circumstances, **changed}, rows.numbers)
        return decided.replaced(places, loans, await self.ahead.decider.decide(columns.select(loans, places)))

    def _with_records(self, prepared: PreparedChunk) -> PreparedChunk:
        ahead, decided, rows = self.ahead, prepared.decided, prepared.applicants
        if rows is None:
            at = ahead.clock.now()
            identifiers: Sequence[UUID] = [ahead.identifiers.new() for _ in range(sum(decided.outcomes.values()))]
        else:
            at, identifiers = rows.at, rows.identifiers
        origin = Origin(at, self.by, self.received_through, self.trial)
        records, originals = decided.records(identifiers, origin), list[DecisionRecord]()
        if wanted := prepared.chunk.twin_of:
            made = list(decided.records(identifiers, origin))
            originals = [made[row] for row in wanted]
        return replace(prepared, identifiers=identifiers, records=records, originals=originals)

    async def supersede(
        self, prepared: PreparedChunk, before_each: Callable[[], Awaitable[None]]
    ) -> PreparedChunk:
        """The chunk after its rows that supersede decisions are recorded, or refused."""
        assert self.superseding is not None  # noqa: S101 - it separated the rows
        chunk = await self.superseding.settle(
            prepared.chunk, prepared.decided, self.by, self.received_through, before_each
        )
        return replace(prepared, chunk=chunk)

    async def again(self, prepared: PreparedChunk) -> PreparedChunk:
        """The chunk decided again, when all earlier chunks are recorded."""
        loans, rows = prepared.chunk.loans, None
        if prepared.applicants is not None and self.applicants is not None:
            loans, rows = await self.applicants.look_up(loans, again=prepared.applicants)
        decided = await self.complete(await self.decide(_LookedUp(prepared.chunk, loans, rows)))
        return replace(decided, unsettled=prepared.unsettled, taken=prepared.taken)

    async def settle(
        self, prepared: PreparedChunk, taken: Mapping[ApplicationReference, ApplicationReferenceTaken]
    ) -> PreparedChunk:
        """The chunk without the rows whose reference another decision has: the same request gets that decision.

        All that is known to be taken is removed from the whole chunk.
        """
        whole, known = prepared.unsettled or prepared, {**prepared.taken, **taken}
        origin = Origin(self.ahead.clock.now(), self.by, self.received_through, self.trial)
        records = whole.decided.records(whole.identifiers or (), origin)
        chunk = await asyncio.to_thread(without_taken, whole.chunk, whole.decided, records, known)
        return await self.again(replace(prepared, chunk=chunk, unsettled=whole, taken=known))

    def end(self, prepared: PreparedChunk) -> None:
        """Forget the applicants of a recorded chunk."""
        if self.applicants is not None and prepared.applicants is not None:
            self.applicants.recorded(prepared.applicants)


async def _read(chunks: Iterator[LoanChunk]) -> AsyncGenerator[LoanChunk, None]:
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk
