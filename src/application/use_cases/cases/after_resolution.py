"""What people do on cases beside resolving them: own views, conditions, and quality reviews."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.change_case import CaseChanges, CaseResult, claim_of
from domain.access.user import Actor, Permission
from domain.cases.proceedings import Proceedings
from domain.cases.resolution import ConditionState
from domain.policies.final_outcome import FinalOutcome

_WORK = Permission.WORK_CASES


@dataclass(frozen=True, slots=True)
class EnterOwnView:
    """Records what an underwriter would decide before seeing the score."""

    changes: CaseChanges
    find_rules: FindCaseRules

    async def __call__(
        self,
        case_id: UUID,
        outcome: FinalOutcome,
        text: str,
        *,
        by: Actor,
        seen: int,
        key: IdempotencyKey | None = None,
    ) -> CaseResult:
        """The case; raises InvalidCaseText, CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(_WORK)
        claim = claim_of(
            key, by=by, operation="enter an own view", case=str(case_id), outcome=outcome.value, text=text
        )

        async def act() -> CaseResult:
            case = await self.changes.present(case_id)
            case.require_unfinished()
            case.require_version(seen, self.changes.clock.now())
            rules = await self.find_rules(case.decision_id)
            proceedings = Proceedings.of(await self.changes.cases.actions(case_id))
            details = proceedings.own_view(
                by,
                outcome,
                text,
                recommended=rules.recommended,
                policy_is_blind=rules.terms.blind,
            )
            return await self.changes(case_id, details, by=by, seen=seen, claim=claim)

        return await self.changes.once(claim, act)


@dataclass(frozen=True, slots=True)
class ChangeCondition:
    """Records that a condition of a resolution was met, or waives it for a reason."""

    changes: CaseChanges

    async def __call__(
        self,
        case_id: UUID,
        number: int,
        state: ConditionState,
        reason: str,
        *,
        by: Actor,
        seen: int,
        key: IdempotencyKey | None = None,
    ) -> CaseResult:
        """The case; raises ConditionNotFound, InvalidConditionChange, CaseNotFound, CaseChanged and KeyReused."""
        by.require(_WORK)
        claim = claim_of(
            key,
            by=by,
            operation="change a condition",
            case=str(case_id),
            number=number,
            state=state.value,
            reason=reason,
        )

        async def act() -> CaseResult:
            case = await self.changes.present(case_id)
            case.require_version(seen, self.changes.clock.now())
            proceedings = Proceedings.of(await self.changes.cases.actions(case_id))
            details = proceedings.condition(number, state, reason)
            return await self.changes(case_id, details, by=by, seen=seen, claim=claim)

        return await self.changes.once(claim, act)


@dataclass(frozen=True, slots=True)
class RecordQualityReview:
    """Records what a second reviewer, who did not see the decision, would have decided."""

    changes: CaseChanges

    async def __call__(
        self,
        case_id: UUID,
        outcome: FinalOutcome,
        text: str,
        *,
        by: Actor,
        seen: int,
        key: IdempotencyKey | None = None,
    ) -> CaseResult:
        """The case; raises InvalidCaseText, QualityReviewNotWanted, CaseNotFound, CaseChanged and KeyReused."""
        by.require(_WORK)
        claim = claim_of(
            key, by=by, operation="review a case's quality", case=str(case_id), outcome=outcome.value, text=text
        )

        async def act() -> CaseResult:
            case = await self.changes.present(case_id)
            proceedings = Proceedings.of(await self.changes.cases.actions(case_id))
            details = proceedings.quality(by, outcome, text)
            case.require_version(seen, self.changes.clock.now())
            return await self.changes(case_id, details, by=by, seen=seen, claim=claim)

        return await self.changes.once(claim, act)
