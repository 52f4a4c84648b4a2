"""Metrics of recorded decisions: outcomes, grades, versions, confidence, failed rules and PDs."""

from collections import Counter as Totals
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from adapters.observability.metrics.families import Counter, Histogram, LabelValues, Numbers
from domain.decisions.decision_record import DecisionRecord

_PD_BUCKETS = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.17, 0.21, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0)
"""They include the cut-offs of policy 1, 0.14 and 0.21."""


class _Kind(NamedTuple):
    """What decisions that are counted together have in common."""

    outcome: str
    channel: str
    grade: str
    model_version: str
    policy_version: str
    confidence: str
    in_population: bool
    failed_rules: tuple[str, ...]


_KindFields = tuple[str, str, str, str, str, str, bool, tuple[str, ...]]
"""The fields of `_Kind` as a plain tuple, which is faster to create."""


class DecisionTally:
    """Counts of decisions by everything that their metrics tell apart, so that each decision is counted once."""

    __slots__ = ("counts", "pds")

    def __init__(self) -> None:
        self.counts: dict[_KindFields, int] = {}
        self.pds = Histogram(
            "scoring_probability_of_default", "PDs of recorded decisions, from 0 to 1.", ["channel"], _PD_BUCKETS
        )

    def add(self, record: DecisionRecord) -> None:
        """Count a decision."""
        decision, prediction, channel = record.decision, record.prediction, record.received_through
        kind = (
            decision.outcome._value_,  # `value` is a function call before Python 3.12
            channel,
            decision.grade,
            record.model_version,
            decision.policy_version,
            decision.confidence._value_,
            not prediction.out_of_domain,
            decision.failed_rules,
        )
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.pds.series(channel).observe(prediction.pd.value)

    def counted(self, records: Iterable[DecisionRecord]) -> Iterator[DecisionRecord]:
        """Count records while they are iterated."""
        for record in records:
            self.add(record)
            yield record

    def merge(self, other: "DecisionTally") -> None:
        """Add the counts of another tally."""
        for kind, count in other.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        self.pds.merge(other.pds)


class DecisionMetrics:
    """Counts decisions that are durably recorded."""

    def __init__(self) -> None:
        self._tally = DecisionTally()
        self.recorded = self._tally.add
        self.recorded_all = self._tally.merge
        self.families = (
            Counter(
                "scoring_decisions",
                "Decisions recorded.",
                ["outcome", "channel", "grade", "model_version", "policy_version"],
                read=lambda: self._totals(lambda kind: [kind[:5]]),
            ),
            self._tally.pds,
            Counter(
                "scoring_decision_confidence",
                "Decisions recorded, by how certain the outcome by score is: high, medium or low.",
                ["confidence", "channel"],
                read=lambda: self._totals(lambda kind: [(kind.confidence, kind.channel)]),
            ),
            Counter(
                "scoring_decision_failed_rules",
                "Policy rules that recorded decisions did not meet.",
                ["rule"],
                read=lambda: self._totals(lambda kind: [(rule,) for rule in kind.failed_rules]),
            ),
            Counter(
                "scoring_decision_outside_population",
                "Decisions recorded on applicants outside the range of the model's training data.",
                ["channel"],
                read=lambda: self._totals(lambda kind: [] if kind.in_population else [(kind.channel,)]),
            ),
        )

    def _totals(self, labels: Callable[[_Kind], Iterable[LabelValues]]) -> Numbers:
        """The number of decisions by the label values of their kind."""
        totals = Totals[LabelValues]()
        for kind, count in self._tally.counts.copy().items():  # another thread may read
            for values in labels(_Kind(*kind)):
                totals[values] += count
        return totals
