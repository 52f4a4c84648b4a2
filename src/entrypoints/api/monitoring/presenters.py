"""From figures to responses."""

from collections.abc import Sequence
from typing import Any

from application.use_cases.monitoring.read_overview import DatedOverview
from domain.monitoring.overview import BANDS, FinalOutcomes, Outcomes, Overview
from domain.monitoring.period import DAY
from domain.policies.circumstance_measures import reason_texts
from domain.policies.outcome import Confidence
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.api.monitoring.schemas import (
    ConfidenceShares,
    CutOffs,
    DecisionShare,
    FinalOutcomeCounts,
    OutcomeCounts,
    OutcomeShares,
    OverviewResponse,
    PeriodBefore,
    PeriodStep,
    ProbabilityBand,
    ReasonFrequency,
    VersionOutcomes,
)


def overview_response(
    dated: DatedOverview, in_force: ScoringPolicy, deciding: Sequence[ScoringPolicy]
) -> OverviewResponse:
    """The figures, with the cut-offs of the policy in force and of those that decided in the period."""
    overview = dated.overview
    return OverviewResponse(
        as_of=dated.as_of,
        **_figures(overview, in_force),
        step="day" if overview.period.step == DAY else "hour",
        cut_offs=_cut_offs(in_force),
        deciding_cut_offs=[_cut_offs(policy) for policy in deciding],
        versions=[
            VersionOutcomes(one.model_version, one.policy_version, _counts(one.outcomes), one.mean_pd)
            for one in overview.versions
        ],
        before=None if dated.before is None else PeriodBefore(**_figures(dated.before, in_force)),
    )


def _figures(overview: Overview, in_force: ScoringPolicy) -> dict[str, Any]:
    """The members that a period and the one before have in common."""
    outcomes, total = overview.outcomes, overview.outcomes.total
    texts = reason_texts(in_force.product)
    confidences = {each: _share(overview.confidences[each], total) for each in Confidence}
    return {
        "start": overview.period.start,
        "end": overview.period.end,
        "decisions": total,
        "outcomes": _counts(outcomes),
        "shares": _shares(outcomes) if total else None,
        "final_outcomes": _final(overview.final_outcomes),
        "mean_probability_of_default": overview.mean_pd,
        "amount_requested": overview.requested.dollars,
        "amount_recommended": overview.recommended.dollars,
        "course": [
            PeriodStep(start, _counts(step))
            for start, step in zip(overview.period.steps, overview.course, strict=True)
        ],
        "probability_of_default": _bands(overview),
        "reasons": [
            ReasonFrequency(code, texts.get(code, code), count, count / total) for code, count in overview.reasons
        ],
        "out_of_domain": _share(overview.outside_domain, total),
        "confidence": ConfidenceShares(
            confidences[Confidence.HIGH], confidences[Confidence.MEDIUM], confidences[Confidence.LOW]
        ),
    }


def _cut_offs(policy: ScoringPolicy) -> CutOffs:
    return CutOffs(policy.version, policy.approve_below, policy.decline_from)


def _counts(outcomes: Outcomes) -> OutcomeCounts:
    return OutcomeCounts(outcomes.approved, outcomes.referred, outcomes.declined)


def _shares(outcomes: Outcomes) -> OutcomeShares:
    total = outcomes.total
    return OutcomeShares(outcomes.approved / total, outcomes.referred / total, outcomes.declined / total)


def _final(final: FinalOutcomes) -> FinalOutcomeCounts:
    return FinalOutcomeCounts(
        final.approved, final.counter_offer, final.declined, final.undecided, final.by_people
    )


def _share(count: int, total: int) -> DecisionShare:
    return DecisionShare(count, count / total if total else 0.0)


def _bands(overview: Overview) -> list[ProbabilityBand]:
    return [
        ProbabilityBand(band / BANDS, (band + 1) / BANDS, count)
        for band, count in enumerate(overview.bands)
        if count
    ]
