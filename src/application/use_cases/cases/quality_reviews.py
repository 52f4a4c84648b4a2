"""List the quality reviews of resolved cases: those that wait, and those in which the reviewer disagreed."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.cases.cases import CaseFilter, Cases
from application.ports.cases.final_decisions import FinalDecisions
from application.use_cases.cases.read_cases import ListCases
from domain.access.user import Actor
from domain.cases.after_resolution import QualityReviewed
from domain.cases.case_state import CaseState
from domain.cases.final_decision import FinalDecision
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase

_RESOLVED = frozenset({CaseState.RESOLVED})


@dataclass(frozen=True, slots=True)
class QualityReview:
    """A resolved case in the share for quality reviews, with the decision and what the reviewer said.

    What was decided and by whom is None as long as the review waits: reviewers do not see it.
    """

    case: ReferralCase
    decided: FinalDecision | None = None
    review: QualityReviewed | None = None
    reviewer: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QualityReviewPage:
    """A page of reviews, the case that was resolved last first; `next_cursor` is None on the last page."""

    reviews: tuple[QualityReview, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ListQualityReviews:
    """Lists quality reviews by page."""

    list_cases: ListCases
    cases: Cases
    final_decisions: FinalDecisions

    async def __call__(
        self, state: QualityState, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> QualityReviewPage:
        """The reviews in a state; raises InvalidCursor and PageTooLarge."""
        wanted = CaseFilter(states=_RESOLVED, quality=state)
        page = await self.list_cases(wanted, by=by, limit=limit, cursor=cursor)
        reviews = [await self._review(case) for case in page.cases]
        return QualityReviewPage(tuple(reviews), page.next_cursor, page.total)

    async def _review(self, case: ReferralCase) -> QualityReview:
        if case.quality is QualityState.WAITING:
            return QualityReview(replace(case, changed_by=None, proposers=()))
        for action in await self.cases.actions(case.case_id):
            if isinstance(action.details, QualityReviewed):
                decided = await self.final_decisions.of_case(case.case_id)
                return QualityReview(case, decided, action.details, action.actor.name, action.at)
        return QualityReview(case)
