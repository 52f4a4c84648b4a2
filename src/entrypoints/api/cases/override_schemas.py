"""Responses with figures on final decisions."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from entrypoints.api.http.responses import Timestamp

_Override = Literal["agreed", "low_side", "high_side", "policy_exception"]


class Rate(Struct, frozen=True):
    """A number of cases and its share, with the 95 % interval of the share (Wilson)."""

    count: int
    total: int
    rate: Annotated[float | None, Meta(description="0.25 is 25 %; null if the total is 0.")]
    low: Annotated[float | None, Meta(description="Lower end of the interval.")]
    high: Annotated[float | None, Meta(description="Upper end of the interval.")]


class OverrideGroupResponse(Struct, frozen=True):
    """The final decisions of one officer, reason or segment; the name is empty for all, or if not stated."""

    name: str
    decisions: int
    agreed: int
    low_side: int
    high_side: int
    policy_exception: int
    counter_offers: Annotated[int, Meta(description="A counter-offer agrees with the policy.")]
    overrides: Annotated[Rate, Meta(description="All that did not agree.")]


class DwellSeconds(Struct, frozen=True):
    """How long makers had their cases, in seconds; null without final decisions."""

    median: float | None
    ninetieth_percentile: float | None


class FinalDecisionInList(Struct, frozen=True):
    """A final decision of the period."""

    decision_id: UUID
    case_id: UUID
    decided_at: Timestamp
    system_outcome: Literal["approved", "referred", "declined"]
    outcome: Literal["approved", "declined", "counter_offer"]
    override: _Override
    reason: str
    officer: str
    checker: str | None
    grade: str


class OverridesResponse(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """What people decided in a period, compared with what the system had decided."""

    as_of: Timestamp
    start: Annotated[Timestamp, Meta(description="Start of the period, inclusive, UTC.")]
    end: Annotated[Timestamp, Meta(description="End of the period, exclusive, UTC.")]
    total: OverrideGroupResponse
    officers: list[OverrideGroupResponse]
    reasons: list[OverrideGroupResponse]
    grades: list[OverrideGroupResponse]
    purposes: list[OverrideGroupResponse]
    sources: list[OverrideGroupResponse]
    second_approvals: Annotated[int, Meta(description="Final decisions that a second person agreed with.")]
    second_approvals_refused: Annotated[int, Meta(description="Of all cases, whatever the filters.")]
    breaches: Annotated[int, Meta(description="Due times that passed; of all cases, whatever the filters.")]
    own_views_agreed: Annotated[
        Rate, Meta(description="Views entered before the recommendation was shown, and equal to it.")
    ]
    quality_disagreed: Annotated[
        Rate, Meta(description="Quality reviews that disagreed; of all cases, whatever the filters.")
    ]
    dwell_seconds: DwellSeconds
    newest: Annotated[list[FinalDecisionInList], Meta(description="The newest that match, at most 100.")]
