"""The final decision: what a person decided on an application, as the second, immutable record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.access.user import Actor
from domain.applications.money import Money
from domain.cases.applied_authority import AppliedAuthority
from domain.cases.override import OverrideType
from domain.cases.resolution import Condition, DocumentPointer
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome


class InvalidFinalDecision(ValueError):
    """The final decision contradicts the rules of second persons."""


@dataclass(frozen=True, slots=True)
class FinalDecision:
    """A final decision on `decision_id`, numbered from 1 for each decision; the last one is valid.

    `amount`, `term`, `grade`, `annual_rate` and `instalment` are those of the loan, None for a decline. `reason`
    is a code of the policy, `reason_text` its text then. `maker` resolved the case, `checker` agreed.
    `case_version` is the version of the case that they saw. `dwell_seconds` is how long the maker had the case.
    `previous` is the final decision that this one overrides, on the same decision or on one that it superseded.
    `recommended` is what the system recommended, and `own_view` what the maker thought before seeing that, if the
    policy asks for it. `opened_at` is when the case was opened.

    Raises InvalidFinalDecision if the checker is the maker, or is missing where the authority needs one.
    """

    final_decision_id: UUID
    decision_id: UUID
    case_id: UUID
    number: int
    outcome: FinalOutcome
    override: OverrideType
    system_outcome: Outcome
    recommended: FinalOutcome
    reason: str
    reason_text: str
    text: str
    maker: Actor
    authority: AppliedAuthority
    case_version: int
    opened_at: datetime
    decided_at: datetime
    dwell_seconds: float
    checker: Actor | None = None
    checker_text: str = ""
    checker_limit: Money | None = None
    amount: Money | None = None
    term: int | None = None
    grade: str | None = None
    annual_rate: float | None = None
    instalment: Money | None = None
    documents: tuple[DocumentPointer, ...] = ()
    conditions: tuple[Condition, ...] = ()
    own_view: FinalOutcome | None = None
    previous: UUID | None = None

    def __post_init__(self) -> None:
        if self.checker is not None and self.checker.name == self.maker.name:
            raise InvalidFinalDecision(f"{self.maker.name} cannot be the second person of an own proposal")
        if self.checker is None and self.authority.needs_second_person:
            raise InvalidFinalDecision("a second person must agree with this decision")
        if self.outcome.lends != (self.amount is not None):
            raise InvalidFinalDecision("a final decision has an amount unless it declines")
