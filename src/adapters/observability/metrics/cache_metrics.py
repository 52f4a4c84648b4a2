"""Metrics that caches count themselves."""

from collections.abc import Callable, Mapping

from adapters.observability.metrics.families import Counter, Gauge, Numbers

CacheCounts = Callable[[], Mapping[str, float]]
"""Returns counts since the start, by event; `breaker` is a state: 0 closed, 0.5 half-open, 1 open."""

_BREAKER = "breaker"


class CacheMetrics:
    """Reads the counts of the caches only when the metrics are requested."""

    def __init__(self) -> None:
        self._caches: dict[str, CacheCounts] = {}
        self.families = (
            Counter(
                "scoring_cache_events",
                "Reads: `hits`, `misses`, and among the misses `skipped` (not sent to Redis); writes: `stored`, "
                "`not_stored`; `failures` of either. `cache` is `answers` (the result cache) or `predictions`.",
                ["cache", "event"],
                read=lambda: self._numbers(breaker=False),
            ),
            Gauge(
                "scoring_cache_breaker_state",
                "Circuit breaker of each cache: 0 closed, 0.5 half-open, 1 open. It changes only when the cache "
                "is used.",
                ["cache"],
                read=lambda: {(cache,): state for (cache, _), state in self._numbers(breaker=True).items()},
            ),
        )

    def watch(self, name: str, counts: CacheCounts) -> None:
        """Add a cache."""
        self._caches[name] = counts

    def _numbers(self, *, breaker: bool) -> Numbers:
        return {
            (name, event): count
            for name, counts in self._caches.items()
            for event, count in counts().items()
            if (event == _BREAKER) is breaker
        }
