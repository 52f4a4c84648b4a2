"""The applicants of a file: their histories, in which the earlier rows of the file take part."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.batches.applicant_columns import ApplicantColumns
from application.ports.batches.portfolio import Columns, DecidedLoans
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from domain.applications.applicant_history import (
    MAX_RELATED,
    NO_HISTORY,
    Applicant,
    ApplicantHistory,
    PastApplication,
)
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.policies.scoring_policy import ScoringPolicy


class _Known:
    """An applicant's history up to the last row read, the chunk of that row, and whether a row was declined."""

    __slots__ = ("chunk", "declined", "history")

    def __init__(self, history: ApplicantHistory) -> None:
        self.history = history
        self.chunk = -1
        self.declined = False


@dataclass(frozen=True, slots=True, eq=False)
class ApplicantRows:
    """The applicants of a chunk: by row their reference, and what is known of them for the rows that have it.

    `numbers` are the `applicant_number` of the rows; None for decisions that do not enter histories.
    `repeated` are rows whose applicant has an earlier row in the file. `at` is the time of the decisions.
    """

    chunk: int
    at: datetime
    identifiers: Sequence[UUID]
    references: Sequence[str | None]
    numbers: Sequence[int | None] | None
    known: Mapping[str, _Known]
    circumstances: Mapping[int, Circumstances]
    repeated: frozenset[int]


@dataclass(frozen=True, slots=True)
class ApplicantLookup:
    """What applicants are looked up with, for the policy that decides. See FileApplicants."""

    histories: ApplicantHistories | None
    columns: ApplicantColumns
    policy: ScoringPolicy

    def follow(self, clock: Clock, identifiers: Identifiers, *, numbered: bool) -> "FileApplicants":
        """The applicants of one file."""
        return FileApplicants(self, clock, identifiers, numbered=numbered)


class FileApplicants:
    """Follows one file chunk by chunk, in order. Each step may run on a thread of its own.

    Without `histories` only the rows of the file are known. `numbered` is False for a file whose decisions do not
    enter histories: then no row forgets earlier ones.
    """

    def __init__(self, lookup: ApplicantLookup, clock: Clock, identifiers: Identifiers, *, numbered: bool) -> None:
        self.histories, self.columns, self.policy = lookup.histories, lookup.columns, lookup.policy
        self.clock, self.identifiers, self.numbered = clock, identifiers, numbered
        self._known: dict[str, _Known] = {}
        self._chunks = 0

    async def look_up(
        self, loans: Columns, *, again: ApplicantRows | None = None
    ) -> tuple[Columns, ApplicantRows | None]:
        """The loans with the histories of their applicants; None in place of rows where no rule needs them.

        One query for the chunk. Where it is looked up `again`, all earlier rows are recorded by now.
        """
        references = self.columns.references(loans) if self.policy.needs_history else None
        if references is None:
            return loans, None
        self._chunks += again is None
        before = {} if again else self._known
        known = {reference: before[reference] for reference in set(references) & before.keys() if reference}
        new = [Applicant(each, self.policy.product.name) for each in set(references) - known.keys() if each]
        found = await self.histories.find(new) if self.histories is not None and new else {}
        known |= {each.reference: _Known(found.get(each, NO_HISTORY)) for each in new}
        chunk = again.chunk if again else self._chunks
        rows = await asyncio.to_thread(self._rows, chunk, references, known)
        if not again:
            self._known.update(known)
        return self.columns.with_histories(loans, rows.circumstances, rows.numbers), rows

    def _rows(self, chunk: int, references: Sequence[str | None], known: Mapping[str, _Known]) -> ApplicantRows:
        at, identifiers = self.clock.now(), [self.identifiers.new() for _ in references]
        circumstances: dict[int, Circumstances] = {}
        numbers: list[int | None] = [None] * len(references)
        repeated = []
        for row, reference in enumerate(references):
            if reference is None:
                continue
            applicant = known[reference]
            history = applicant.history
            found = NO_CIRCUMSTANCES.with_history(history, at, days=self.policy.history_days)
            if found is not NO_CIRCUMSTANCES:
                circumstances[row] = found
            if applicant.chunk >= 0:
                repeated.append(row)
            numbers[row] = history.number + 1
            recent = (PastApplication(identifiers[row], at), *history.recent[: MAX_RELATED - 1])
            applicant.history = replace(history, number=history.number + 1, recent=recent)
            applicant.chunk = chunk
        given = numbers if self.numbered else None
        return ApplicantRows(chunk, at, identifiers, references, given, known, circumstances, frozenset(repeated))

    @staticmethod
    def declined_before(rows: ApplicantRows, decided: DecidedLoans) -> Mapping[int, Circumstances]:
        """The circumstances of rows whose applicant was declined in an earlier row, which was not known before."""
        changed: dict[int, Circumstances] = {}
        declined = frozenset(decided.declined)
        for row, reference in enumerate(rows.references):
            if reference is None:
                continue
            applicant = rows.known[reference]
            if applicant.declined and row in rows.repeated:
                changed[row] = replace(rows.circumstances[row], days_since_decline=0.0)
            if row in declined:
                applicant.declined = True
        return changed

    def recorded(self, rows: ApplicantRows) -> None:
        """Forget the applicants of recorded rows, whom the next look-up finds in the database."""
        if not self.numbered:
            return
        for reference in rows.known:
            applicant = self._known.get(reference)
            if applicant is not None and applicant.chunk <= rows.chunk:
                del self._known[reference]
