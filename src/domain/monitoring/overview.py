"""What the decisions of a period come to: figures that add up, period to period."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.applications.money import Money
from domain.monitoring.period import Period
from domain.policies.outcome import Confidence, Outcome
from domain.policies.reasons import ReasonCode

BANDS = 100
PD_EDGES = tuple(edge / BANDS for edge in range(1, BANDS))
"""Where one band of PD ends and the next begins: a band a percent, its lower end inclusive, as with cut-offs."""


def band_of(pd: float) -> int:
    """The band of a PD, counted from 0."""
    return bisect_right(PD_EDGES, pd)


class FiguresDisagree(ValueError):
    """The parts of an overview do not add up to the same number of decisions."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many decisions came out how."""

    approved: int = 0
    referred: int = 0
    declined: int = 0

    @classmethod
    def of(cls, counts: Mapping[Outcome, int]) -> "Outcomes":
        """The counts, none where an outcome is missing."""
        return cls(*(counts.get(outcome, 0) for outcome in Outcome))

    @property
    def total(self) -> int:
        """All of them."""
        return self.approved + self.referred + self.declined

    def count(self, outcome: Outcome) -> int:
        """How many came out so."""
        return {
            Outcome.APPROVED: self.approved,
            Outcome.REFERRED: self.referred,
            Outcome.DECLINED: self.declined,
        }[outcome]

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(
            self.approved + other.approved, self.referred + other.referred, self.declined + other.declined
        )


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """What one model decided under one policy; `pd_sum` is the sum of its decisions' PDs."""

    model_version: str
    policy_version: str
    outcomes: Outcomes
    pd_sum: float

    @property
    def mean_pd(self) -> float:
        """The mean PD of these decisions."""
        return self.pd_sum / self.outcomes.total


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a period.

    `course` has the outcomes of each of the period's steps, `bands` the number of decisions in each band of PD.
    `reasons` says of how many decisions each adverse action reason was given, the most frequent first;
    `outside_domain` how many applicants lay outside the population that the model knows. `asked` and
    `recommended` are sums over all decisions.
    """

    period: Period
    course: tuple[Outcomes, ...]
    bands: tuple[int, ...]
    versions: tuple[VersionFigures, ...]
    confidences: Mapping[Confidence, int]
    reasons: tuple[tuple[ReasonCode, int], ...]
    outside_domain: int
    asked: Money
    recommended: Money

    def __post_init__(self) -> None:
        totals = {self.outcomes.total, sum(self.bands), sum(self.confidences.values())}
        totals.add(sum(outcomes.total for outcomes in self.course))
        if len(totals) > 1 or len(self.course) != len(self.period.steps) or len(self.bands) != BANDS:
            raise FiguresDisagree(f"the parts of an overview disagree on how many decisions there are: {totals}")

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes of the whole period."""
        return sum((version.outcomes for version in self.versions), Outcomes())

    @property
    def mean_pd(self) -> float | None:
        """The mean PD; None where there are no decisions."""
        total = self.outcomes.total
        return sum(version.pd_sum for version in self.versions) / total if total else None

    def __add__(self, later: "Overview") -> "Overview":
        """The overview of both periods, of which the later begins where this one ends."""
        period = Period(self.period.start, later.period.end, self.period.step)
        if self.period.end != later.period.start or later.period.step != period.step:
            raise FiguresDisagree("only periods that follow one another, told by the same step, add up")
        course = dict(zip(self.period.steps, self.course, strict=True))
        for step, outcomes in zip(later.period.steps, later.course, strict=True):
            course[step] = course.get(step, Outcomes()) + outcomes
        return Overview(
            period=period,
            course=tuple(course[step] for step in period.steps),
            bands=tuple(one + other for one, other in zip(self.bands, later.bands, strict=True)),
            versions=merged((*self.versions, *later.versions)),
            confidences={each: self.confidences[each] + later.confidences[each] for each in Confidence},
            reasons=ranked(Counter(dict(self.reasons)) + Counter(dict(later.reasons))),
            outside_domain=self.outside_domain + later.outside_domain,
            asked=Money(self.asked.cents + later.asked.cents),
            recommended=Money(self.recommended.cents + later.recommended.cents),
        )


def merged(figures: Iterable[VersionFigures]) -> tuple[VersionFigures, ...]:
    """The figures with each pair of model and policy once, in the order of their names."""
    found: dict[tuple[str, str], VersionFigures] = {}
    for one in figures:
        pair = one.model_version, one.policy_version
        before = found.get(pair, VersionFigures(*pair, Outcomes(), 0.0))
        found[pair] = VersionFigures(*pair, before.outcomes + one.outcomes, before.pd_sum + one.pd_sum)
    return tuple(found[pair] for pair in sorted(found))


def ranked(counts: Mapping[ReasonCode, int]) -> tuple[tuple[ReasonCode, int], ...]:
    """Reasons with their counts, the most frequent first; ties by name."""
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0].value)))
