"""The figures that caches keep themselves, as metrics."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Figures = Callable[[], Mapping[str, float]]
"""Counts since the start, by name; the one named `breaker` is a state: 0 closed, 0.5 probing, 1 open."""

_BREAKER = "breaker"


class CacheFigures(Collector):
    """Read when the metrics are; costs a cache nothing meanwhile."""

    def __init__(self) -> None:
        self._caches: dict[str, Figures] = {}

    def watch(self, name: str, figures: Figures) -> None:
        """Read these figures too."""
        self._caches[name] = figures

    def collect(self) -> Iterable[Metric]:
        """What happened to each cache, and whether its breaker is open."""
        events = CounterMetricFamily("scoring_cache_events", "What happened.", labels=["cache", "event"])
        breaker = GaugeMetricFamily(
            "scoring_cache_breaker", "0: the cache is asked; 1: it is not, having failed.", labels=["cache"]
        )
        for name, figures in self._caches.items():
            for event, count in figures().items():
                if event == _BREAKER:
                    breaker.add_metric([name], count)
                else:
                    events.add_metric([name, event], count)
        return events, breaker
