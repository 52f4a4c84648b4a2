"""Responses with figures on decisions."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from entrypoints.api.http.responses import Timestamp

_Share = Annotated[float, Meta(description="Share of all decisions in the period; 0.25 is 25 %.", ge=0, le=1)]


class OutcomeCounts(Struct, frozen=True):
    """The number of decisions by outcome."""

    approved: int
    referred: int
    declined: int


class OutcomeShares(Struct, frozen=True):
    """The share of decisions by outcome; the shares add up to 1."""

    approved: float
    referred: float
    declined: float


class FinalOutcomeCounts(Struct, frozen=True):
    """The number of decisions by final outcome: a person's if a person decided, else the system's."""

    approved: int
    counter_offer: int
    declined: int
    undecided: Annotated[int, Meta(description="Referred, and not decided by a person.")]
    by_people: Annotated[int, Meta(description="How many of the decisions a person decided.")]


class PeriodStep(Struct, frozen=True):
    """An hour or a day of the period, with its decisions by outcome."""

    start: Annotated[Timestamp, Meta(description="Start of the hour or day, UTC.")]
    outcomes: OutcomeCounts


class ProbabilityBand(Struct, frozen=True):
    """The number of decisions with a probability of default from `low`, inclusive, to `high`, exclusive."""

    low: float
    high: float
    decisions: int


class CutOffs(Struct, frozen=True):
    """The cut-offs of a policy."""

    policy_version: str
    approve_below: float
    decline_from: float


class ReasonFrequency(Struct, frozen=True):
    """How many decisions have an adverse action reason; a decision has up to four."""

    code: Annotated[str, Meta(examples=["OBLIGATIONS"])]
    text: str
    decisions: int
    share: _Share


class VersionOutcomes(Struct, frozen=True):
    """The decisions of one model version under one policy version."""

    model_version: str
    policy_version: str
    outcomes: OutcomeCounts
    mean_probability_of_default: float


class DecisionShare(Struct, frozen=True):
    """A number of decisions and their share."""

    decisions: int
    share: _Share


class ConfidenceShares(Struct, frozen=True):
    """The decisions by confidence."""

    high: DecisionShare
    medium: DecisionShare
    low: DecisionShare


class PeriodBefore(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Figures of the period before: earlier by whole days, of the same length and with the same filters."""

    start: Annotated[Timestamp, Meta(description="Start of the period, inclusive, UTC.")]
    end: Annotated[Timestamp, Meta(description="End of the period, exclusive, UTC.")]
    decisions: int
    outcomes: OutcomeCounts
    shares: Annotated[OutcomeShares | None, Meta(description="null without decisions.")]
    final_outcomes: FinalOutcomeCounts
    mean_probability_of_default: Annotated[float | None, Meta(description="null without decisions.")]
    amount_requested: Annotated[float, Meta(description="Total in dollars.")]
    amount_recommended: Annotated[float, Meta(description="Total in dollars.")]
    course: Annotated[list[PeriodStep], Meta(description="Every step, in the order of the later period.")]
    probability_of_default: Annotated[
        list[ProbabilityBand], Meta(description="Bands of 1 % that hold a decision.")
    ]
    reasons: Annotated[list[ReasonFrequency], Meta(description="Most frequent first.")]
    out_of_domain: DecisionShare
    confidence: ConfidenceShares


class OverviewResponse(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Figures on the decisions of a period."""

    as_of: Annotated[
        Timestamp, Meta(description="When the figures were computed, UTC; later decisions are not included.")
    ]
    start: Annotated[Timestamp, Meta(description="Start of the period, inclusive, UTC.")]
    end: Annotated[Timestamp, Meta(description="End of the period, exclusive, UTC.")]
    decisions: int
    outcomes: OutcomeCounts
    shares: Annotated[OutcomeShares | None, Meta(description="null without decisions.")]
    final_outcomes: FinalOutcomeCounts
    mean_probability_of_default: Annotated[float | None, Meta(description="null without decisions.")]
    amount_requested: Annotated[float, Meta(description="Total in dollars.")]
    amount_recommended: Annotated[float, Meta(description="Total in dollars.")]
    step: Annotated[
        Literal["hour", "day"],
        Meta(description="Length of the steps: hours for periods of up to two days, otherwise days."),
    ]
    course: Annotated[list[PeriodStep], Meta(description="Every step of the period, in order.")]
    probability_of_default: Annotated[
        list[ProbabilityBand], Meta(description="Bands of 1 % that hold a decision.")
    ]
    cut_offs: Annotated[CutOffs, Meta(description="Of the policy in force now.")]
    deciding_cut_offs: Annotated[
        list[CutOffs], Meta(description="Of the policies that decided in the period, if they are archived.")
    ]
    reasons: Annotated[list[ReasonFrequency], Meta(description="Most frequent first.")]
    versions: list[VersionOutcomes]
    out_of_domain: Annotated[
        DecisionShare, Meta(description="Decisions on applicants outside the training population.")
    ]
    confidence: ConfidenceShares
    before: Annotated[
        PeriodBefore | None, Meta(description="The period before; null unless `compare` is true.")
    ] = None
