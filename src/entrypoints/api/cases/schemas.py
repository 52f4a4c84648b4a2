"""Requests and responses on referral cases."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from domain.cases.case_text import MAX_CASE_TEXT
from entrypoints.api.cases.resolution_schemas import (
    Authority,
    BlindDecision,
    ConditionResponse,
    FinalDecisionResponse,
    ProposalResponse,
)
from entrypoints.api.decisions.schemas import RecordedDecision
from entrypoints.api.http.responses import Synthetic, Timestamp

CaseStateText = Annotated[
    Literal[
        "open",
        "assigned",
        "awaiting_applicant",
        "awaiting_second_approval",
        "resolved",
        "withdrawn",
        "expired",
    ],
    Meta(description="A case whose lease has ended is open. The last three are final."),
]
_Text = Annotated[
    str,
    Meta(
        description=f"1 to {MAX_CASE_TEXT:,} characters that can be shown; several lines are allowed.",
        min_length=1,
        max_length=MAX_CASE_TEXT,
    ),
]


class CaseNoteBody(Struct, frozen=True):
    """A note on a case."""

    text: _Text


class InformationRequestBody(Struct, frozen=True):
    """What the applicant is asked for."""

    text: _Text


class InformationAnswerBody(Struct, frozen=True):
    """What the applicant answered."""

    text: _Text


class ReassignmentBody(Struct, frozen=True):
    """To whom a case is given."""

    to: Annotated[str, Meta(description="The name of a user who may work cases.", examples=["uma"])]


class CaseResponse(Struct, frozen=True):
    """A case in its present state."""

    case_id: Annotated[UUID, Meta(description="That of the decision, for the case that the decision opened.")]
    decision_id: Annotated[UUID, Meta(description="The system's decision.")]
    state: CaseStateText
    version: Annotated[int, Meta(description="The number of actions so far.")]
    etag: Annotated[str, Meta(description="The header `ETag`: identifies the version of the case.")]
    opened_at: Timestamp
    due_at: Annotated[Timestamp, Meta(description="It moves by the time for which the applicant was awaited.")]
    request_due_at: Annotated[
        Timestamp | None,
        Meta(description="When the answer to a request of the applicant is due; null without one."),
    ]
    overdue: Annotated[bool, Meta(description="Whether the due time has passed and runs.")]
    breached_at: Annotated[Timestamp | None, Meta(description="When it was recorded that the due time passed.")]
    amount: Annotated[float, Meta(description="Requested, in dollars.")]
    grade: str
    reasons: Annotated[list[str], Meta(description="The codes of the decision's reasons.")]
    requested_by: Annotated[str, Meta(description="The user who requested the decision.")]
    application_reference: str | None
    applicant_reference: str | None
    synthetic: Synthetic
    assignee: Annotated[str | None, Meta(description="Who works on it, or did until the lease ended.")]
    assigned_at: Timestamp | None
    lease_until: Annotated[Timestamp | None, Meta(description="Until then the case belongs to the assignee.")]
    proposed_by: Annotated[str | None, Meta(description="Whose proposal awaits a second approval.")]
    awaiting_since: Annotated[Timestamp | None, Meta(description="Since when the applicant is awaited.")]
    answer_by: Annotated[Timestamp | None, Meta(description="When the case expires without an answer.")]
    ended_at: Timestamp | None
    changed_at: Timestamp | None
    changed_by: Annotated[str | None, Meta(description="Who did the last action.")]


class CaseList(Struct, frozen=True):
    """A page of cases."""

    cases: list[CaseResponse]
    next_cursor: Annotated[str | None, Meta(description="The cursor of the next page; null on the last.")]
    total: Annotated[int, Meta(description="The number of matches; 10000 means that many or more.")]


class CaseActionResponse(Struct, frozen=True):
    """What was done to a case, by whom and when."""

    number: int
    action_id: Annotated[UUID, Meta(description="The subject of the action's entry in the audit trail.")]
    at: Timestamp
    by: Annotated[str, Meta(description="The user, or system:service.")]
    role: str
    action: Annotated[str, Meta(examples=["case claimed", "case note added"])]
    details: Annotated[dict[str, Any], Meta(description="What is particular to this kind of action.")]


class RelatedDecision(Struct, frozen=True):
    """Another decision on the same applicant."""

    decision_id: UUID
    decided_at: Timestamp
    requested_by: str
    outcome: Annotated[str | None, Meta(description="The system's; null if the document cannot be read.")]
    amount: Annotated[float | None, Meta(description="Requested, in dollars.")]
    term: Annotated[int | None, Meta(description="In months.")]
    application_reference: str | None


class CaseDetail(Struct, frozen=True):
    """A case with its decision, its actions and the applicant's other decisions."""

    case: CaseResponse
    decision: Annotated[
        RecordedDecision | None, Meta(description="Null if it cannot be read, or was moved to an archive.")
    ]
    actions: Annotated[list[CaseActionResponse], Meta(description="Oldest first.")]
    related: Annotated[list[RelatedDecision], Meta(description="Newest first.")]
    conditions: Annotated[list[ConditionResponse], Meta(description="Of the resolution, in their present state.")]
    proposal: Annotated[ProposalResponse | None, Meta(description="The resolution that awaits a second approval.")]
    final_decision: Annotated[FinalDecisionResponse | None, Meta(description="The one that resolved this case.")]
    quality: Annotated[
        Literal["waiting", "agreed", "disagreed"] | None,
        Meta(description="Of the quality review; null for a case that is not in the share."),
    ]
    authority: Annotated[
        Authority | None,
        Meta(description="What the caller may do; null where the decision's model or policy is not archived."),
    ]
    withheld: Annotated[
        bool,
        Meta(description="Whether score, recommendation and what others decided are withheld."),
    ]
    blind_decision: Annotated[BlindDecision | None, Meta(description="Instead of the decision if it is withheld.")]
