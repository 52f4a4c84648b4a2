"""The figures of a period's decisions."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.applications.money import Money
from domain.monitoring.period import Period
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Confidence, Outcome

BANDS = 100
PD_EDGES = tuple(edge / BANDS for edge in range(1, BANDS))
"""The edges between bands of PD, one percentage point each. The lower end is inclusive, as with cut-offs."""


def band_of(pd: float) -> int:
    """The index of a PD's band."""
    return bisect_right(PD_EDGES, pd)


class InconsistentFigures(ValueError):
    """The parts of an overview differ in the number of decisions."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The number of decisions by outcome."""

    approved: int = 0
    referred: int = 0
    declined: int = 0

    @classmethod
    def of(cls, counts: Mapping[Outcome, int]) -> "Outcomes":
        """The counts; a missing outcome counts 0."""
        return cls(*(counts.get(outcome, 0) for outcome in Outcome))

    @property
    def total(self) -> int:
        """The number of all decisions."""
        return self.approved + self.referred + self.declined

    def count(self, outcome: Outcome) -> int:
        """The number of decisions with this outcome."""
        return {
            Outcome.APPROVED: self.approved,
            Outcome.REFERRED: self.referred,
            Outcome.DECLINED: self.declined,
        }[outcome]

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(
            self.approved + other.approved, self.referred + other.referred, self.declined + other.declined
        )


DecidedByPeople = Mapping[tuple[Outcome, FinalOutcome], int]
"""The number of decisions by what the system decided and what a person decided last."""


@dataclass(frozen=True, slots=True)
class FinalOutcomes:
    """The number of decisions by final outcome: a person's, else the system's.

    `undecided` are referred ones on which no person has decided, `by_people` those on which one has.
    """

    approved: int = 0
    counter_offer: int = 0
    declined: int = 0
    undecided: int = 0
    by_people: int = 0

    @classmethod
    def of(cls, system: Outcomes, people: DecidedByPeople) -> "FinalOutcomes":
        """The counts where people decided on some of the decisions of the system."""
        left = {
            outcome: system.count(outcome) - sum(count for (of, _), count in people.items() if of is outcome)
            for outcome in Outcome
        }
        final = {
            outcome: sum(count for (_, decided), count in people.items() if decided is outcome)
            for outcome in FinalOutcome
        }
        return cls(
            left[Outcome.APPROVED] + final[FinalOutcome.APPROVED],
            final[FinalOutcome.COUNTER_OFFER],
            left[Outcome.DECLINED] + final[FinalOutcome.DECLINED],
            left[Outcome.REFERRED],
            sum(people.values()),
        )


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """The decisions by one model under one policy; `pd_sum` is the sum of their PDs."""

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

    `course` has the outcomes of each step of the period, `bands` the number of decisions in each band of PD.
    `reasons` has the number of decisions for which each adverse action reason was given, most frequent first, and
    `outside_domain` the number of applicants who are out of domain. `requested` and `recommended` are sums of
    amounts. `people` has what people decided on these decisions.
    """

    period: Period
    course: tuple[Outcomes, ...]
    bands: tuple[int, ...]
    versions: tuple[VersionFigures, ...]
    confidences: Mapping[Confidence, int]
    reasons: tuple[tuple[str, int], ...]
    outside_domain: int
    requested: Money
    recommended: Money
    people: DecidedByPeople = field(default_factory=dict)

    def __post_init__(self) -> None:
        totals = {self.outcomes.total, sum(self.bands), sum(self.confidences.values())}
        totals.add(sum(outcomes.total for outcomes in self.course))
        if len(totals) > 1 or len(self.course) != len(self.period.steps) or len(self.bands) != BANDS:
            raise InconsistentFigures(f"the parts of an overview differ in the number of decisions: {totals}")

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes of the whole period."""
        return sum((version.outcomes for version in self.versions), Outcomes())

    @property
    def final_outcomes(self) -> FinalOutcomes:
        """The outcomes after people decided."""
        return FinalOutcomes.of(self.outcomes, self.people)

    @property
    def mean_pd(self) -> float | None:
        """The mean PD; None if there are no decisions."""
        total = self.outcomes.total
        return sum(version.pd_sum for version in self.versions) / total if total else None


def merged(figures: Iterable[VersionFigures]) -> tuple[VersionFigures, ...]:
    """The figures summed by pair of model and policy, in the order of their versions."""
    found: dict[tuple[str, str], VersionFigures] = {}
    for each in figures:
        pair = each.model_version, each.policy_version
        before = found.get(pair, VersionFigures(*pair, Outcomes(), 0.0))
        found[pair] = VersionFigures(*pair, before.outcomes + each.outcomes, before.pd_sum + each.pd_sum)
    return tuple(found[pair] for pair in sorted(found))


def ranked(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Reasons with their counts, most frequent first, then by code."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
