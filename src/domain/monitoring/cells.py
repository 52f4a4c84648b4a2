"""Builds an overview from grouped counts, which every store of decisions computes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from domain.applications.money import Money
from domain.monitoring.overview import BANDS, DecidedByPeople, Outcomes, Overview, VersionFigures, merged, ranked
from domain.monitoring.period import Period
from domain.policies.outcome import Confidence, Outcome


@dataclass(frozen=True, slots=True)
class Cell:
    """A group of decisions with these values in common: their number and the sums of their PDs and amounts."""

    band: int
    outcome: Outcome
    confidence: Confidence
    model_version: str
    policy_version: str
    count: int
    pd_sum: float
    requested: Money
    recommended: Money


def overview_of(
    period: Period,
    *,
    time_series: Mapping[tuple[datetime, Outcome], int],
    cells: Iterable[Cell],
    reasons: Mapping[str, int],
    outside_domain: int,
    people: DecidedByPeople = MappingProxyType({}),
) -> Overview:
    """The overview. `time_series` counts decisions by outcome and the start of their step."""
    bands = [0] * BANDS
    confidences = dict.fromkeys(Confidence, 0)
    versions: list[VersionFigures] = []
    requested = recommended = 0
    for cell in cells:
        bands[cell.band] += cell.count
        confidences[cell.confidence] += cell.count
        outcomes = Outcomes.of({cell.outcome: cell.count})
        versions.append(VersionFigures(cell.model_version, cell.policy_version, outcomes, cell.pd_sum))
        requested += cell.requested.cents
        recommended += cell.recommended.cents
    by_step: dict[datetime, Counter[Outcome]] = defaultdict(Counter)
    for (step, outcome), count in time_series.items():
        by_step[step][outcome] += count
    return Overview(
        period=period,
        course=tuple(Outcomes.of(by_step[step]) for step in period.steps),
        bands=tuple(bands),
        versions=merged(versions),
        confidences=confidences,
        reasons=ranked(reasons),
        outside_domain=outside_domain,
        requested=Money(requested),
        recommended=Money(recommended),
        people=people,
    )
