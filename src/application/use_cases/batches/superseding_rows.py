"""Rows of a file that decide an application again: decided and recorded one by one, as single requests are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from application.ports.applications.applications import ApplicationConflict
from application.ports.batches.portfolio import (
    Columns,
    DecidedLoans,
    LoanChunk,
    Origin,
    PortfolioDecider,
    RefusedRow,
)
from application.ports.decisions.decision_ledger import (
    ApplicationReferenceTaken,
    HistoryChanged,
    LedgerUnavailable,
)
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.applications.supersede_decision import RecordSuperseding, SupersededDecisionNotFound
from application.use_cases.batches.file_applicants import ApplicantLookup
from application.use_cases.batches.repeated_references import refusal_of
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from domain.access.user import Actor, Permission, PermissionDenied
from domain.applications.applicant_history import Applicant
from domain.applications.application_life import ApplicationRuleViolation
from domain.applications.superseding import SUPERSEDES, Superseding
from domain.decisions.circumstances import NO_CIRCUMSTANCES
from domain.decisions.decision_record import DecisionRecord

_ATTEMPTS = 3
"""How often a row is decided while other applications of its applicant are recorded."""
_REFUSALS = (SupersededDecisionNotFound, ApplicationRuleViolation, DecisionUnreadable, PermissionDenied)


@dataclass(frozen=True, slots=True)
class SupersedingRows:
    """Decides these rows with the tools of the other rows, and records each in a transaction of its own."""

    decider: PortfolioDecider
    applicants: ApplicantLookup
    record: RecordSuperseding
    clock: Clock
    identifiers: Identifiers

    def separate(self, chunk: LoanChunk) -> LoanChunk:
        """The chunk, whose loans that supersede decisions are apart."""
        columns = self.applicants.columns
        found = columns.superseding(chunk.loans)
        if not found:
            return chunk
        others = [row for row in range(chunk.rows_read - chunk.rows_refused) if row not in found]
        loans = columns.select(chunk.loans, others)
        return replace(chunk, loans=loans, superseding=columns.select(chunk.loans, list(found)))

    async def settle(
        self,
        chunk: LoanChunk,
        decided: DecidedLoans,
        by: Actor,
        received_through: str,
        before_each: Callable[[], Awaitable[None]],
    ) -> LoanChunk:
        """The chunk with the results and errors of these rows, all of which are on record or refused.

        A row that was recorded before, by a worker that was lost, gets the decision of then.
        """
        columns, loans = self.applicants.columns, chunk.superseding
        refused: dict[int, RefusedRow] = {}
        recorded: dict[int, DecisionRecord] = {}
        for row, superseding in columns.superseding(loans).items():
            await before_each()
            outcome = await self._decide(columns.select(loans, [row]), superseding, by, received_through)
            if isinstance(outcome, RefusedRow):
                refused[row] = outcome
            else:
                recorded[row] = outcome
        settled = decided.without(replace(chunk, loans=loans), refused, recorded)
        return replace(settled, loans=chunk.loans, superseding=None)

    async def _decide(
        self, loan: Columns, superseding: Superseding, by: Actor, received_through: str
    ) -> DecisionRecord | RefusedRow:
        try:
            by.require(Permission.ASSESS_APPLICATIONS)
            for _ in range(_ATTEMPTS):
                record = await self._decided(loan, superseding, by, received_through)
                try:
                    return (await self.record(record)).record
                except HistoryChanged:
                    continue
        except ApplicationReferenceTaken as taken:
            return refusal_of(taken)
        except _REFUSALS as fault:
            return RefusedRow(SUPERSEDES, f"is refused: {fault}")
        except ApplicationConflict as fault:
            raise LedgerUnavailable(str(fault)) from fault
        raise LedgerUnavailable("the applicant's other applications changed meanwhile")

    async def _decided(
        self, loan: Columns, superseding: Superseding, by: Actor, received_through: str
    ) -> DecisionRecord:
        applicants, at = self.applicants, self.clock.now()
        columns, policy = applicants.columns, applicants.policy
        references = columns.references(loan) if policy.needs_history else None
        if references is not None and references[0] is not None and applicants.histories is not None:
            applicant = Applicant(references[0], policy.product.name)
            found = await applicants.histories.find((applicant,), superseded=(superseding.decision_id,))
            history = found[applicant]
            noted = NO_CIRCUMSTANCES.with_history(history, at, days=policy.history_days)
            known = {} if noted is NO_CIRCUMSTANCES else {0: noted}
            loan = columns.with_histories(loan, known, [history.number + 1])
        decided = await self.decider.decide(loan)
        (record,) = decided.records([self.identifiers.new()], Origin(at, by, received_through))
        return replace(record, supersedes=superseding.decision_id, supersedes_reason=superseding.reason)
