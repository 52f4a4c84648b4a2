"""Metrics of the service, read by prometheus-client's registry when they are requested.

An observation takes 0.27 µs here and 1.7 µs in prometheus-client, a count 0.19 µs against 0.7 to 2.8 µs, and equal
observations of a batch are counted in one call. That saves about 5 µs (2 %) of a request at peak load. They have
no locks: only the thread of the event loop may count.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

LabelValues = tuple[str, ...]
Numbers = Mapping[LabelValues, float]


class Family(Collector):
    """A metric with one series per combination of label values. Labels must have few values."""

    kind: ClassVar[str]

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self.name, self.documentation, self.labels = name, documentation, tuple(labels)

    @property
    def exposed_name(self) -> str:
        """The name in the exposition."""
        return self.name + ("_total" if self.kind == "counter" else "")


class HistogramSeries:
    """One series of a histogram: the number of observations per bucket, and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, amount: float, times: int = 1) -> None:
        """Count one observation, or several equal ones."""
        self.counts[bisect_left(self.bounds, amount)] += times
        self.total += amount * times

    def add(self, other: "HistogramSeries") -> None:
        """Add the observations of a series with the same bounds."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


class Histogram(Family):
    """A histogram with the same upper bounds of buckets in every series."""

    kind = "histogram"

    def __init__(self, name: str, documentation: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        super().__init__(name, documentation, labels)
        self._bounds = tuple(float(bound) for bound in bounds)
        self._series: dict[LabelValues, HistogramSeries] = {}

    def series(self, *values: str) -> HistogramSeries:
        """Return the series of these label values."""
        series = self._series.get(values)
        if series is None:
            series = self._series[values] = HistogramSeries(self._bounds)
        return series

    def merge(self, other: "Histogram") -> None:
        """Add the observations of a histogram with the same labels and bounds."""
        for values, series in other._series.items():
            self.series(*values).add(series)

    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily(self.name, self.documentation, labels=self.labels)
        for values, series in self._series.copy().items():  # another thread may read
            cumulative, buckets = 0, []
            for bound, count in zip((*self._bounds, float("inf")), series.counts, strict=True):
                cumulative += count
                buckets.append(("+Inf" if bound == float("inf") else str(bound), float(cumulative)))
            family.add_metric(values, buckets, series.total)
        return (family,)


class _Numbers(Family):
    """One number per combination of label values, which `read` returns where the numbers are kept elsewhere."""

    _family: ClassVar[type[CounterMetricFamily | GaugeMetricFamily]]

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        read: Callable[[], Numbers] | None = None,
    ) -> None:
        super().__init__(name, documentation, labels)
        self._numbers: dict[LabelValues, float] = {}
        self._read = self._numbers.copy if read is None else read  # a copy: another thread may read

    def collect(self) -> Iterable[Metric]:
        family = self._family(self.name, self.documentation, labels=self.labels)
        for values, number in self._read().items():
            family.add_metric(values, number)
        return (family,)


class Counter(_Numbers):
    """A counter; the exposition appends `_total` to its name."""

    kind = "counter"
    _family = CounterMetricFamily

    def inc(self, values: LabelValues, amount: int = 1) -> None:
        """Increase the number of these label values."""
        self._numbers[values] = self._numbers.get(values, 0) + amount


class Gauge(_Numbers):
    """A gauge; a series appears once it is set."""

    kind = "gauge"
    _family = GaugeMetricFamily

    def set(self, number: float, *values: str) -> None:
        """Set the number of these label values."""
        self._numbers[values] = number

    def clear(self) -> None:
        """Remove every series."""
        self._numbers.clear()
