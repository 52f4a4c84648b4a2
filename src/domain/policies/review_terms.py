"""The terms of review: how people decide what the policy refers. They are data of the policy."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.user import Role
from domain.policies.authority import ANY_GRADE, AuthorityLimit, authority_faults, limit_of
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.printable import TITLE, is_title

_CODE = re.compile("[A-Z][A-Z0-9_]*")
_MOST_HOURS, _MOST_DAYS = 8_760, 3_650
_REFERRED = Outcome.REFERRED
"""Kept in a variable because looking up a member of an Enum is a Python function call before 3.12."""


class InvalidReviewTerms(ValueError):
    """The terms of review contradict themselves; `faults` lists everything that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class ResolutionReason:
    """A reason that a person can give for a final decision, and the outcomes for which it can be given."""

    code: str
    text: str
    outcomes: tuple[FinalOutcome, ...]


@dataclass(frozen=True, slots=True)
class ReviewTerms:
    """How people decide referred applications.

    A case is due `due_hours` after the decision. An applicant who is asked for information has `answer_days` to
    send it. An approval or counter-offer can be accepted for `approval_days`. With `blind`, an underwriter sees
    the score and the recommendation after entering a view of the own. A second person reviews `quality_share` of
    the resolved cases. `reasons` are those that a final decision can state.
    """

    authority: tuple[AuthorityLimit, ...]
    reasons: tuple[ResolutionReason, ...]
    due_hours: int = 48
    answer_days: int = 14
    approval_days: int = 30
    blind: bool = False
    quality_share: float = 0.05

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise InvalidReviewTerms(faults)

    def case_due_at(self, outcome: Outcome, decided_at: datetime) -> datetime | None:
        """When the case of a decision is due; None for an outcome that opens none."""
        return decided_at + timedelta(hours=self.due_hours) if outcome is _REFERRED else None

    def limit_of(self, role: Role, grade: str) -> AuthorityLimit | None:
        """The limit of a role for a grade; None if the role may not decide in it at all."""
        return limit_of(self.authority, role, grade)

    def reasons_for(self, outcome: FinalOutcome) -> tuple[ResolutionReason, ...]:
        """The reasons that can be given for an outcome."""
        return tuple(reason for reason in self.reasons if outcome in reason.outcomes)

    def check_grades(self, grades: Sequence[str]) -> None:
        """Raises InvalidReviewTerms if a limit of authority is for a grade that the policy does not have."""
        unknown = {limit.grade for limit in self.authority} - {*grades, ANY_GRADE}
        known = f"the grades are {', '.join(grades)}, and {ANY_GRADE!r} for any"
        if unknown:
            raise InvalidReviewTerms([f"authority: unknown grade {grade!r}; {known}" for grade in sorted(unknown)])

    def _faults(self) -> Iterator[str]:
        if not 1 <= self.due_hours <= _MOST_HOURS:
            yield f"due_hours must be from 1 to {_MOST_HOURS}, not {self.due_hours}"
        if not 1 <= self.answer_days <= _MOST_DAYS:
            yield f"answer_days must be from 1 to {_MOST_DAYS}, not {self.answer_days}"
        if not 1 <= self.approval_days <= _MOST_DAYS:
            yield f"approval_days must be from 1 to {_MOST_DAYS}, not {self.approval_days}"
        if not 0.0 <= self.quality_share <= 1.0:
            yield f"quality_share must be from 0 to 1, not {self.quality_share}"
        yield from authority_faults(self.authority)
        for code, count in Counter(reason.code for reason in self.reasons).items():
            if count > 1:
                yield f"the reason {code} is defined {count} times"
        for reason in self.reasons:
            if not _CODE.fullmatch(reason.code):
                yield f"reason {reason.code!r}: a code is capital letters, digits and _, and begins with a letter"
            if not is_title(reason.text):
                yield f"reason {reason.code}: the text must have {TITLE}"
            if not reason.outcomes or len(set(reason.outcomes)) < len(reason.outcomes):
                yield f"reason {reason.code}: outcomes must name each outcome once for which it can be given"
        for outcome in FinalOutcome:
            if not self.reasons_for(outcome):
                yield f"there is no reason for the outcome {outcome.value}"


_APPROVED, _DECLINED, _OFFER = FinalOutcome.APPROVED, FinalOutcome.DECLINED, FinalOutcome.COUNTER_OFFER

REASONS = (
    ResolutionReason("INCOME_VERIFIED", "Income and employment verified by documents", (_APPROVED, _OFFER)),
    ResolutionReason("BUREAU_DATA_VERIFIED", "Bureau data verified or corrected", (_APPROVED, _OFFER)),
    ResolutionReason("COMPENSATING_FACTORS", "Strengths of the applicant outweigh the risk", (_APPROVED, _OFFER)),
    ResolutionReason("COLLATERAL_OR_GUARANTEE", "Collateral or a guarantor covers the risk", (_APPROVED, _OFFER)),
    ResolutionReason("DUPLICATE_EXPLAINED", "The other applications are explained", (_APPROVED, _OFFER)),
    ResolutionReason("AFFORDABLE_AT_OTHER_TERMS", "Affordable at another amount or term", (_OFFER,)),
    ResolutionReason("RISK_TOO_HIGH", "The risk is too high at these terms", (_DECLINED, _OFFER)),
    ResolutionReason("INCOME_NOT_VERIFIED", "Income or employment could not be verified", (_DECLINED,)),
    ResolutionReason("BUREAU_DATA_NOT_VERIFIED", "Bureau data could not be verified", (_DECLINED,)),
    ResolutionReason("INFORMATION_NOT_PROVIDED", "Information requested was not provided", (_DECLINED,)),
    ResolutionReason("DUPLICATE_OR_SUSPICIOUS", "Duplicate application or suspected fraud", (_DECLINED,)),
    ResolutionReason("OTHER", "Other; the text says what", (_APPROVED, _DECLINED, _OFFER)),
)
"""The usual reasons."""

DEFAULT_REVIEW_TERMS = ReviewTerms(
    authority=(
        AuthorityLimit(Role.UNDERWRITER, ANY_GRADE, 10_000.0),
        AuthorityLimit(Role.SENIOR_UNDERWRITER, ANY_GRADE, 100_000.0),
    ),
    reasons=REASONS,
)
"""Those of policies that were written before schema 4, which do not state any."""
