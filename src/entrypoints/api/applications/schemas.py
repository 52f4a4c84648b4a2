"""Requests and responses on loan applications after their decisions."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from domain.applications.application_action import LONGEST_TEXT
from entrypoints.api.decisions.final_decisions import FinalDecisionSummary
from entrypoints.api.http.responses import Synthetic, Timestamp

State = Annotated[
    Literal["approved", "counter_offer", "referred", "declined", "accepted", "withdrawn", "expired"],
    Meta(
        description="The first four are what the lender decided last: `referred` as long as a person is to "
        "decide. Approvals and counter-offers expire."
    ),
]
WithdrawalReasonText = Literal[
    "no_longer_needed",
    "other_lender",
    "terms_not_suitable",
    "information_not_provided",
    "duplicate",
    "submitted_in_error",
    "other",
]
_Dollars = Annotated[float, Meta(description="In dollars.", examples=[10_000.0])]
_Reference = Annotated[str | None, Meta(description="The caller's own, of the newest decision.")]
_ExpiresAt = Annotated[
    Timestamp | None, Meta(description="When the offer expires or has expired, UTC; null without one.")
]
_ApplicationId = Annotated[
    UUID, Meta(description="The identifier of the first decision; that of a later one addresses it too.")
]
LARGEST_AMOUNT = 1e9


class AcceptanceBody(Struct, frozen=True):
    """The acceptance of an approval or a counter-offer."""

    amount: (
        Annotated[
            float,
            Meta(
                description="What the applicant accepts, in dollars, up to the offered amount; all if absent.",
                gt=0,
                le=LARGEST_AMOUNT,
                examples=[8_000.0],
            ),
        ]
        | None
    ) = None


class WithdrawalBody(Struct, frozen=True):
    """The withdrawal of an application."""

    reason: WithdrawalReasonText
    text: Annotated[
        str,
        Meta(description="Required where the reason is `other`.", max_length=LONGEST_TEXT),
    ] = ""


class OfferResponse(Struct, frozen=True):
    """The loan that the applicant can accept, or could until it expired."""

    amount: _Dollars
    minimum_amount: Annotated[float, Meta(description="The smallest amount that can be accepted, in dollars.")]
    term: Annotated[int, Meta(description="In months.")]
    annual_rate: Annotated[float, Meta(description="0.12 is 12 %.")]
    expires_at: Annotated[Timestamp, Meta(description="Exclusive, UTC.")]
    final_decision_id: Annotated[
        UUID | None, Meta(description="The decision of a person that made the offer; null if the system made it.")
    ]


class DecisionOfApplication(Struct, frozen=True):
    """A decision on the application. Values are null if its document cannot be read; `problem` says why."""

    decision_id: UUID
    timestamp: Timestamp
    requested_by: str
    outcome: Literal["approved", "referred", "declined"] | None
    amount: Annotated[float | None, Meta(description="Requested, in dollars.")]
    supersedes: Annotated[UUID | None, Meta(description="The decision before it.")]
    supersedes_reason: Literal["correction", "new_bureau_data", "reconsideration", "resubmission"] | None
    superseded_by: Annotated[UUID | None, Meta(description="The decision after it; null for the newest.")]
    problem: str | None


class CaseStep(Struct, frozen=True):
    """What was done to a case, by whom and when; `GET /api/v1/cases/{case_id}` has the details."""

    at: Timestamp
    by: Annotated[str, Meta(description="The user, or system:service.")]
    action: Annotated[str, Meta(examples=["case claimed"])]


class CaseOfApplication(Struct, frozen=True):
    """A referral case on one of the decisions."""

    case_id: UUID
    decision_id: UUID
    state: Literal[
        "open", "assigned", "awaiting_applicant", "awaiting_second_approval", "resolved", "withdrawn", "expired"
    ]
    opened_at: Timestamp
    due_at: Timestamp
    ended_at: Timestamp | None
    problem: Annotated[str | None, Meta(description="Why what was done to the case cannot be read.")]
    actions: (
        Annotated[list[CaseStep], Meta(description="Absent for roles that may not read cases, such as service.")]
        | UnsetType
    ) = UNSET


class AcceptanceResponse(Struct, frozen=True):
    """Who recorded that the applicant accepts, when, and which amount."""

    amount: _Dollars
    offered_amount: _Dollars
    accepted_at: Timestamp
    accepted_by: Annotated[str, Meta(description="The user who recorded the acceptance.")]
    final_decision_id: UUID | None


class WithdrawalResponse(Struct, frozen=True):
    """Who withdrew the application, when and why."""

    reason: WithdrawalReasonText
    text: str
    withdrawn_at: Timestamp
    withdrawn_by: Annotated[str, Meta(description="The user who recorded the withdrawal.")]
    withdrawn_from: Annotated[State, Meta(description="The state before the withdrawal.")]


class ApplicationSummary(Struct, frozen=True):
    """An application with its present state."""

    application_id: _ApplicationId
    decision_id: Annotated[UUID, Meta(description="The newest decision.")]
    state: State
    expires_at: _ExpiresAt
    amount: Annotated[float, Meta(description="Requested, in dollars.")]
    term: Annotated[int, Meta(description="In months.")]
    outcome: Annotated[
        Literal["approved", "referred", "declined"], Meta(description="The system's, of the newest decision.")
    ]
    decided_at: Annotated[Timestamp, Meta(description="The time of the newest decision, UTC.")]
    decisions: Annotated[int, Meta(description="The number of decisions.")]
    requested_by: Annotated[str, Meta(description="The user who submitted the application.")]
    application_reference: _Reference
    applicant_reference: _Reference
    source: _Reference
    synthetic: Synthetic


class ApplicationResponse(Struct, frozen=True):
    """An application with its whole chain of decisions and what followed."""

    application_id: _ApplicationId
    decision_id: Annotated[UUID, Meta(description="The newest decision.")]
    state: State
    expires_at: _ExpiresAt
    offer: OfferResponse | None
    amount: Annotated[float, Meta(description="Requested, in dollars.")]
    term: Annotated[int, Meta(description="In months.")]
    requested_by: Annotated[str, Meta(description="The user who submitted the application.")]
    application_reference: _Reference
    applicant_reference: _Reference
    source: _Reference
    synthetic: Synthetic
    decisions: Annotated[list[DecisionOfApplication], Meta(description="Oldest first.")]
    cases: Annotated[list[CaseOfApplication], Meta(description="In the order in which they were opened.")]
    final_decisions: Annotated[list[FinalDecisionSummary], Meta(description="Oldest first, by their cases.")]
    acceptance: AcceptanceResponse | None
    withdrawal: WithdrawalResponse | None
    etag: Annotated[str, Meta(description="The header `ETag`: identifies the state of the application.")]


class UnreadableApplication(Struct, frozen=True):
    """An application whose newest decision, or what followed it, cannot be read."""

    decision_id: UUID
    decided_at: Timestamp
    requested_by: str
    problem: str


class ApplicationListResponse(Struct, frozen=True):
    """A page of applications, the newest decision first."""

    applications: list[ApplicationSummary]
    unreadable: Annotated[list[UnreadableApplication], Meta(description="Applications that cannot be read.")]
    next_cursor: Annotated[str | None, Meta(description="The cursor of the next page; null on the last.")]
