"""An overview of decisions in the words of the API."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from application.use_cases.monitoring.cached_overview import DatedOverview
from domain.monitoring.overview import BANDS, Outcomes, Overview
from domain.monitoring.period import DAY
from domain.policies.outcome import Confidence
from domain.policies.reasons import REASONS
from domain.policies.scoring_policy import ScoringPolicy

_Share = Annotated[float, Meta(description="Of all decisions of the period; 0.25 is 25 %.", ge=0, le=1)]


class OutcomeCounts(Struct, frozen=True):
    """How many decisions came out how."""

    approved: int
    referred: int
    declined: int


class OutcomeShares(Struct, frozen=True):
    """Which part of the decisions came out how; they add up to 1."""

    approved: float
    referred: float
    declined: float


class PeriodStep(Struct, frozen=True):
    """An hour or a day of the period."""

    start: Annotated[datetime, Meta(description="When the hour or day begins, UTC.")]
    outcomes: OutcomeCounts


class ProbabilityBand(Struct, frozen=True):
    """Decisions whose probability of default lies from `low`, inclusive, to `high`, exclusive."""

    low: float
    high: float
    decisions: int


class CutOffs(Struct, frozen=True):
    """The cut-offs of the policy in force now; decisions made under another policy were held against others."""

    policy_version: str
    approve_below: float
    decline_from: float


class ReasonFrequency(Struct, frozen=True):
    """Of how many decisions an adverse action reason was given; a decision may have four."""

    code: Annotated[str, Meta(examples=["OBLIGATIONS"])]
    text: str
    decisions: int
    share: _Share


class VersionOutcomes(Struct, frozen=True):
    """What one model decided under one policy."""

    model_version: str
    policy_version: str
    outcomes: OutcomeCounts
    mean_probability_of_default: float


class Part(Struct, frozen=True):
    """Some of the decisions of the period."""

    decisions: int
    share: _Share


class ConfidenceShares(Struct, frozen=True):
    """The decisions by their confidence."""

    high: Part
    medium: Part
    low: Part


class OverviewResponse(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """What the decisions of a period come to."""

    as_of: Annotated[
        datetime, Meta(description="When the figures were counted, UTC; decisions made since are not in them.")
    ]
    start: Annotated[datetime, Meta(description="The period's start, inclusive, UTC.")]
    end: Annotated[datetime, Meta(description="The period's end, exclusive, UTC.")]
    decisions: int
    outcomes: OutcomeCounts
    shares: Annotated[OutcomeShares | None, Meta(description="null where there are no decisions.")]
    mean_probability_of_default: Annotated[float | None, Meta(description="null where there are no decisions.")]
    amount_requested: Annotated[float, Meta(description="$, of all decisions together.")]
    amount_recommended: Annotated[float, Meta(description="$, of all decisions together.")]
    step: Annotated[
        Literal["hour", "day"], Meta(description="The steps of the course: hours for up to two days, else days.")
    ]
    course: Annotated[list[PeriodStep], Meta(description="Every step of the period, in order.")]
    probability_of_default: Annotated[
        list[ProbabilityBand], Meta(description="Bands of 1 % that hold a decision.")
    ]
    cut_offs: CutOffs
    reasons: Annotated[list[ReasonFrequency], Meta(description="The most frequent first.")]
    versions: list[VersionOutcomes]
    out_of_domain: Annotated[
        Part, Meta(description="Decisions on applicants outside the population the model was trained on.")
    ]
    confidence: ConfidenceShares


def overview_response(dated: DatedOverview, policy: ScoringPolicy) -> OverviewResponse:
    """The answer; `policy` is the one in force."""
    overview, outcomes = dated.overview, dated.overview.outcomes
    total = outcomes.total
    confidences = {each: _part(overview.confidences[each], total) for each in Confidence}
    return OverviewResponse(
        as_of=dated.as_of,
        start=overview.period.start,
        end=overview.period.end,
        decisions=total,
        outcomes=_counts(outcomes),
        shares=_shares(outcomes) if total else None,
        mean_probability_of_default=overview.mean_pd,
        amount_requested=overview.requested.dollars,
        amount_recommended=overview.recommended.dollars,
        step="day" if overview.period.step == DAY else "hour",
        course=[
            PeriodStep(start, _counts(step))
            for start, step in zip(overview.period.steps, overview.course, strict=True)
        ],
        probability_of_default=_bands(overview),
        cut_offs=CutOffs(policy.version, policy.approve_below, policy.decline_from),
        reasons=[
            ReasonFrequency(code.value, REASONS[code].text, count, count / total)
            for code, count in overview.reasons
        ],
        versions=[
            VersionOutcomes(one.model_version, one.policy_version, _counts(one.outcomes), one.mean_pd)
            for one in overview.versions
        ],
        out_of_domain=_part(overview.outside_domain, total),
        confidence=ConfidenceShares(
            confidences[Confidence.HIGH], confidences[Confidence.MEDIUM], confidences[Confidence.LOW]
        ),
    )


def _counts(outcomes: Outcomes) -> OutcomeCounts:
    return OutcomeCounts(outcomes.approved, outcomes.referred, outcomes.declined)


def _shares(outcomes: Outcomes) -> OutcomeShares:
    total = outcomes.total
    return OutcomeShares(outcomes.approved / total, outcomes.referred / total, outcomes.declined / total)


def _part(count: int, total: int) -> Part:
    return Part(count, count / total if total else 0.0)


def _bands(overview: Overview) -> list[ProbabilityBand]:
    return [
        ProbabilityBand(band / BANDS, (band + 1) / BANDS, count)
        for band, count in enumerate(overview.bands)
        if count
    ]
