"""Why a resolution of a case is refused. Each message names the rule, the limit, and who could decide."""

from uuid import UUID

from domain.cases.case_errors import CaseError


class RulesUnavailable(CaseError):
    """The model, policy or product of the decision is not archived, so nothing can be decided by them."""


class AboveEveryAuthority(CaseError):
    """The amount is above the authority of every role that could agree."""


class AboveAuthority(CaseError):
    """The amount is above the authority of the second person."""


class OwnViewRequired(CaseError):
    """The policy asks for the underwriter's own view before the score is shown and the case is resolved.

    `case_id` is the case, where the refusal is about something else of its decision.
    """

    def __init__(self, why: str, case_id: UUID | None = None) -> None:
        super().__init__(why)
        self.case_id = case_id


class OwnViewNotWanted(CaseError):
    """The policy asks for no own view, or the person has entered one."""


class NothingProposed(CaseError):
    """There is no proposal that awaits a second person."""


class QualityReviewNotWanted(CaseError):
    """The case is not in the share for quality reviews, or it was reviewed."""


class ConditionNotFound(CaseError):
    """The resolution has no condition with this number."""


class ReviewNotPossible(CaseError):
    """No review can be opened on this decision."""


class ResolutionOutdated(CaseError):
    """The application has changed since the case was opened: it was decided again, withdrawn or accepted."""
