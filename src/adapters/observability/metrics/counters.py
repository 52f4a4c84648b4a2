"""Counts and histograms for what happens in every request: as Prometheus knows them, at a fifth of their cost.

prometheus-client's own take a lock and walk their buckets at each observation. These belong to one thread, the one
that runs the event loop; the registry reads them when the metrics are read.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

Labels = tuple[str, ...]


class Tally:
    """One series of a histogram: how many observations fell in each bucket, and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, amount: float, times: int = 1) -> None:
        """Count one observation, or several of the same."""
        self.counts[bisect_left(self.bounds, amount)] += times
        self.total += amount * times


class Tallies(Collector):
    """A histogram: a tally for each combination of labels."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._bounds = tuple(float(bound) for bound in bounds)
        self._tallies: dict[Labels, Tally] = {}

    def of(self, *labels: str) -> Tally:
        """The tally of these labels."""
        tally = self._tallies.get(labels)
        if tally is None:
            tally = self._tallies[labels] = Tally(self._bounds)
        return tally

    def collect(self) -> Iterable[Metric]:
        """The histogram as it stands."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        for labels, tally in self._tallies.copy().items():  # another thread may read
            reached, buckets = 0, []
            for bound, count in zip((*self._bounds, float("inf")), tally.counts, strict=True):
                reached += count
                buckets.append(("+Inf" if bound == float("inf") else str(bound), float(reached)))
            family.add_metric(labels, buckets, tally.total)
        return (family,)


class Counts(Collector):
    """A counter: a number for each combination of labels."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str]) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._counts: dict[Labels, int] = {}

    def add(self, labels: Labels, times: int = 1) -> None:
        """Count something, once or several times."""
        self._counts[labels] = self._counts.get(labels, 0) + times

    def collect(self) -> Iterable[Metric]:
        """The counter as it stands."""
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for labels, count in self._counts.copy().items():  # another thread may read
            family.add_metric(labels, count)
        return (family,)
