"""Record what became of the loan of an application, or correct what was recorded."""

from dataclasses import asdict, dataclass, replace
from uuid import UUID

from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.identifiers import Identifiers
from application.ports.outcomes.loan_outcomes import LoanConflict, StoredLoan
from application.use_cases.outcomes.read_loan import FindLoan
from domain.access.user import Actor, Permission
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import LoanOutcome, StatedOutcome, last_possible_day

_ATTEMPTS = 3
"""How often an outcome is tried if others record outcomes of the same loan at the same time."""


class LoanChanged(Exception):
    """An outcome was recorded after the version that the actor has seen. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Which outcome a statement replaces, and why."""

    outcome_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class RecordedLoanOutcome:
    """An outcome and the loan after it.

    `repeated` if the same was recorded before, so that nothing was added; `replayed` if that was under the same
    idempotency key.
    """

    outcome: LoanOutcome
    after: StoredLoan
    repeated: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RecordLoanOutcome:
    """Records an outcome. The same statement again records nothing, with or without an idempotency key."""

    find: FindLoan
    identifiers: Identifiers

    async def __call__(
        self,
        decision_id: UUID,
        stated: StatedOutcome,
        *,
        by: Actor,
        correction: Correction | None = None,
        key: IdempotencyKey | None = None,
        version: int | None = None,
    ) -> RecordedLoanOutcome:
        """Record the outcome of the loan that a decision led to; a `version` is that of the loan as seen.

        Raises ApplicationNotFound, LoanRuleViolation, InvalidLoanOutcome, LoanChanged, LoanConflict and KeyReused.
        """
        by.require(Permission.RECORD_LOAN_OUTCOMES)
        request = {"application": str(decision_id), "stated": asdict(stated), "correction": None}
        if correction is not None:
            request["correction"] = {"outcome_id": str(correction.outcome_id), "reason": correction.reason}
        claim = None
        if key is not None:
            claim = Claim.of(key, by=by, operation="record an outcome of a loan", request=request)
        attempts = _ATTEMPTS
        while True:
            try:
                return await self._record(decision_id, stated, correction, by=by, claim=claim, version=version)
            except LoanConflict:
                attempts -= 1
                if not attempts:
                    raise

    async def _record(
        self,
        decision_id: UUID,
        stated: StatedOutcome,
        correction: Correction | None,
        *,
        by: Actor,
        claim: Claim | None,
        version: int | None,
    ) -> RecordedLoanOutcome:
        seen = await self.find(decision_id, by=by)
        first = None if claim is None else await self.find.outcomes.under(claim)
        if first is not None:
            return RecordedLoanOutcome(first, seen, repeated=True, replayed=True)
        if version is not None and version != seen.loan.version:
            raise LoanChanged(_change(seen.loan, version))
        repeated = None if correction else seen.loan.repeated(stated)
        if repeated is not None:
            return RecordedLoanOutcome(repeated, seen, repeated=True)
        outcome = self._outcome(seen.loan, stated, correction, by)
        after = replace(seen, loan=seen.loan.after(outcome))
        recorded = await self.find.outcomes.append(outcome, after, claim)
        if recorded.outcome_id != outcome.outcome_id:
            return RecordedLoanOutcome(recorded, await self.find(decision_id, by=by), repeated=True, replayed=True)
        return RecordedLoanOutcome(outcome, after)

    def _outcome(self, loan: Loan, stated: StatedOutcome, correction: Correction | None, by: Actor) -> LoanOutcome:
        now = self.find.clock.now()
        outcome_id, latest = self.identifiers.new(), last_possible_day(now)
        if correction is None:
            return loan.record(stated, outcome_id=outcome_id, by=by, at=now, latest=latest)
        return loan.correct(
            correction.outcome_id,
            stated,
            correction.reason,
            outcome_id=outcome_id,
            by=by,
            at=now,
            latest=latest,
        )


def _change(loan: Loan, version: int) -> str:
    changed = ""
    if loan.history:
        last = loan.history[-1]
        changed = f": {last.actor.name} recorded an outcome at {last.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"version {version} of this loan is not the current one, {loan.version}{changed}"
