"""Requests and responses on the resolution of referral cases."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from domain.cases.case_text import MAX_CASE_TEXT
from domain.cases.resolution import LONGEST_TEXT, MOST_CONDITIONS, MOST_DOCUMENTS
from entrypoints.api.http.responses import Timestamp

FinalOutcomeText = Annotated[
    Literal["approved", "declined", "counter_offer"],
    Meta(description="approved is for the loan as requested, counter_offer for another amount or term."),
]
OverrideText = Annotated[
    Literal["agreed", "low_side", "high_side", "policy_exception"],
    Meta(
        description="Compared with the system: low_side approves at or above the approve cut-off, high_side "
        "declines below it, policy_exception approves although a rule is not met."
    ),
]
SecondPersonText = Literal["low_side_override", "reversed_decline", "above_authority"]
ConditionStateText = Literal["open", "met", "waived"]
_Text = Annotated[str, Meta(description="Several lines are allowed.", max_length=LONGEST_TEXT)]
_CaseText = Annotated[str, Meta(description="Several lines are allowed.", max_length=MAX_CASE_TEXT)]
_Rate = Annotated[float, Meta(description="Per year; 0.12 is 12 %.")]


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A document that is kept elsewhere."""

    type: Annotated[str, Meta(examples=["payslip"])]
    date: date
    sha256: Annotated[str, Meta(description="64 hexadecimal digits in lower case.", pattern="^[0-9a-f]{64}$")]


class ResolutionBody(Struct, frozen=True):
    """How a case is resolved."""

    outcome: FinalOutcomeText
    reason: Annotated[str, Meta(description="A code of the policy; `authority` of the case lists them.")]
    text: _Text
    amount: Annotated[float, Meta(description="Dollars; for a counter-offer only.", gt=0, le=1e9)] | None = None
    term: Annotated[int, Meta(description="Months; for a counter-offer only.", ge=1, le=1200)] | None = None
    documents: Annotated[list[Document], Meta(max_length=MOST_DOCUMENTS)] = []
    conditions: Annotated[list[_Text], Meta(max_length=MOST_CONDITIONS)] = []


class SecondApprovalBody(Struct, frozen=True):
    """What the second person decides on a proposal."""

    approve: Annotated[bool, Meta(description="false refuses the proposal, which opens the case again.")]
    text: Annotated[str, Meta(description="Required for a refusal.", max_length=MAX_CASE_TEXT)] = ""


class ConditionBody(Struct, frozen=True):
    """A change of a condition."""

    state: Literal["met", "waived"]
    reason: Annotated[str, Meta(description="Required to waive a condition.", max_length=LONGEST_TEXT)] = ""


class OwnViewBody(Struct, frozen=True):
    """What the underwriter would decide without the score."""

    outcome: FinalOutcomeText
    text: _CaseText


class QualityReviewBody(Struct, frozen=True):
    """What the reviewer would have decided."""

    outcome: FinalOutcomeText
    text: _CaseText


class ReviewBody(Struct, frozen=True):
    """Why a decision is reviewed."""

    reason: _CaseText


RESOLUTION_FORMS = (
    ResolutionBody,
    SecondApprovalBody,
    ConditionBody,
    OwnViewBody,
    QualityReviewBody,
    ReviewBody,
)


class Loan(Struct, frozen=True):
    """The loan that a resolution offers."""

    amount: Annotated[float, Meta(description="Dollars.")]
    term: Annotated[int, Meta(description="Months.")]
    grade: str
    annual_rate: _Rate
    instalment: Annotated[float, Meta(description="Dollars per month.")]


class ConditionResponse(Struct, frozen=True):
    """A condition of a resolution."""

    number: int
    text: str
    state: ConditionStateText
    reason: Annotated[str, Meta(description="Why it was waived, or how it was met.")]


class AuthorityApplied(Struct, frozen=True):
    """The limit that a resolution was made under, and why a second person must agree."""

    role: str
    rule: Annotated[str, Meta(examples=["underwriter, any grade: up to $10,000"])]
    limit: Annotated[float | None, Meta(description="Dollars; null for a decline, or without authority.")]
    second_person: list[SecondPersonText]


class ProposalResponse(Struct, frozen=True):
    """A resolution that waits for a second person."""

    outcome: FinalOutcomeText
    override: OverrideText
    reason: str
    reason_text: str
    text: str
    maker: str
    loan: Loan | None
    authority: AuthorityApplied
    documents: list[Document]
    conditions: list[str]


class FinalDecisionResponse(Struct, frozen=True):
    """What a person decided, as the second record on the decision."""

    final_decision_id: UUID
    decision_id: UUID
    case_id: UUID
    number: Annotated[int, Meta(description="Counts the final decisions on the decision; the last one is valid.")]
    outcome: FinalOutcomeText
    override: OverrideText
    system_outcome: Literal["approved", "referred", "declined"]
    recommended: Annotated[FinalOutcomeText, Meta(description="What the system recommended.")]
    own_view: FinalOutcomeText | None
    reason: str
    reason_text: str
    text: str
    maker: str
    checker: Annotated[str | None, Meta(description="The second person who agreed.")]
    checker_text: str
    checker_limit: float | None
    authority: AuthorityApplied
    case_version: Annotated[int, Meta(description="The version of the case that the maker saw.")]
    opened_at: Timestamp
    decided_at: Timestamp
    dwell_seconds: Annotated[float, Meta(description="How long the maker had the case.")]
    loan: Loan | None
    documents: list[Document]
    conditions: Annotated[list[ConditionResponse], Meta(description="As decided; the case has what followed.")]
    previous: Annotated[UUID | None, Meta(description="The final decision that this one overrides.")]


class ResolutionReason(Struct, frozen=True):
    """A reason that the policy allows."""

    code: str
    text: str


class OutcomeAuthority(Struct, frozen=True):
    """What one outcome would be for the caller."""

    outcome: FinalOutcomeText
    override: OverrideText
    second_person: Annotated[list[SecondPersonText], Meta(description="Why a second person must agree; or empty.")]
    rule: str
    limit: float | None
    loan: Annotated[Loan | None, Meta(description="For a counter-offer, the largest that the policy approves.")]
    refused: Annotated[str, Meta(description="Why the outcome is not possible; empty if it is.")]
    reasons: list[ResolutionReason]


class Authority(Struct, frozen=True):
    """What the caller may do on the case now. Empty texts of `cannot_…` mean that the caller may."""

    outcomes: list[OutcomeAuthority]
    counter_offers: Annotated[list[Loan], Meta(description="The largest that the policy approves, by term.")]
    cannot_resolve: str
    cannot_check: str
    cannot_review_quality: str
    own_view_required: bool


class BlindDecision(Struct, frozen=True):
    """The decision without score and recommendation, for those who are to form their own view first."""

    decision_id: UUID
    decided_at: Timestamp
    requested_by: str
    amount: float
    term: int
    purpose: str | None
    applicant: Annotated[dict[str, Any], Meta(description="The fields of the product.")]
    bureau_status: str
    failed_rules: list[str]
    reasons: Annotated[list[ResolutionReason], Meta(description="Those of rules.")]


class QualityReviewResponse(Struct, frozen=True):
    """A resolved case in the share for quality reviews."""

    case_id: UUID
    decision_id: UUID
    version: int
    state: Literal["waiting", "agreed", "disagreed"]
    resolved_at: Timestamp | None
    amount: Annotated[float, Meta(description="Requested, in dollars.")]
    decided: Annotated[FinalOutcomeText | None, Meta(description="Null while the review waits.")]
    maker: str | None
    checker: str | None
    reviewer: str | None
    reviewed_at: Timestamp | None
    reviewed: Annotated[FinalOutcomeText | None, Meta(description="What the reviewer would have decided.")]
    text: str | None


class QualityReviewList(Struct, frozen=True):
    """A page of quality reviews, the case that was resolved last first."""

    reviews: list[QualityReviewResponse]
    next_cursor: str | None
    total: int
