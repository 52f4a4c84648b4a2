"""Metrics that caches count themselves."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CacheCounts = Callable[[], Mapping[str, float]]
"""Returns counts since the start, by event; `breaker` is a state: 0 closed, 0.5 half-open, 1 open."""

_BREAKER = "breaker"


class CacheMetrics(Collector):
    """Reads the counts of the caches only when the metrics are requested."""

    def __init__(self) -> None:
        self._caches: dict[str, CacheCounts] = {}

    def watch(self, name: str, counts: CacheCounts) -> None:
        """Add a cache."""
        self._caches[name] = counts

    def collect(self) -> Iterable[Metric]:
        events = CounterMetricFamily(
            "scoring_cache_events", "Events of each cache, such as hits and misses.", labels=["cache", "event"]
        )
        breaker = GaugeMetricFamily(
            "scoring_cache_breaker_state",
            "Circuit breaker of each cache: 0 closed, 0.5 half-open, 1 open.",
            labels=["cache"],
        )
        for name, counts in self._caches.items():
            for event, count in counts().items():
                if event == _BREAKER:
                    breaker.add_metric([name], count)
                else:
                    events.add_metric([name, event], count)
        return events, breaker
