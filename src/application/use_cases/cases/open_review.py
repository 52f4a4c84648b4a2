"""Open a review: a new case on a decision that no person is working on."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.cases.cases import AlreadyClaimed, CaseConflict
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.change_case import CaseChanges, CaseResult, claim_of
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.decisions.read_decisions import ReadDecision
from domain.access.user import Actor, Permission
from domain.cases.case_errors import moment
from domain.cases.resolution_errors import ReviewNotPossible
from domain.cases.review import ReviewOpened, review_case


@dataclass(frozen=True, slots=True)
class OpenReview:
    """Opens a case on a decision. It is the only way to change a decline or a final decision."""

    changes: CaseChanges
    read_decision: ReadDecision
    find_rules: FindCaseRules
    check_application: CheckApplication

    async def __call__(
        self, decision_id: UUID, reason: str, *, by: Actor, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The new case, which is open.

        Raises DecisionNotFound, DecisionUnreadable, RulesUnavailable, ReviewNotPossible, ResolutionOutdated,
        InvalidCaseText and KeyReused.
        """
        by.require(Permission.WORK_CASES)
        changes = self.changes
        claim = claim_of(key, by=by, operation="open a review", decision=str(decision_id), reason=reason)
        return await changes.once(claim, lambda: self._open(decision_id, reason, by, claim))

    async def _open(self, decision_id: UUID, reason: str, by: Actor, claim: Claim | None) -> CaseResult:
        changes = self.changes
        record = await self.read_decision(decision_id, by=by)
        await self._require_no_case(decision_id)
        await self.check_application(decision_id)
        rules = await self.find_rules.of(record)
        now = changes.clock.now()
        due_at = now + timedelta(hours=rules.terms.due_hours)
        case = review_case(record, changes.identifiers.new(), at=now, due_at=due_at)
        change = changes.change(case, ReviewOpened(decision_id, reason, due_at), by=by, claim=claim)
        try:
            await changes.cases.open_review(change)
        except CaseConflict:
            await self._require_no_case(decision_id)
            await self.check_application(decision_id)
            raise
        except AlreadyClaimed:
            raise CaseConflict(
                "the review under the same key was opened at the same time: repeat the request"
            ) from None
        return CaseResult(change.case)

    async def _require_no_case(self, decision_id: UUID) -> None:
        for case in await self.changes.cases.of_decision(decision_id):
            if not case.state.ended:
                held = f", held by {case.assignee}" if case.holder_at(self.changes.clock.now()) else ""
                raise ReviewNotPossible(
                    f"case {case.case_id} on this decision is {case.state.words}{held}, opened at "
                    f"{moment(case.opened_at)}: resolve that one"
                )
