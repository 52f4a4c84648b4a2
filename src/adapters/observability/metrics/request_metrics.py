"""Metrics of HTTP requests."""

from adapters.observability.metrics.families import Counter, Gauge, Histogram, HistogramSeries

REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STATUS_CLASSES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics:
    """Durations in seconds. Servers count `in_progress` up and down."""

    def __init__(self) -> None:
        self._durations = Histogram(
            "scoring_request_duration_seconds",
            "Time from a request's arrival to the last byte of its response. `status` is a class such as `5xx`, "
            "or `none` if no response was sent.",
            ["route", "method", "status"],
            REQUEST_BUCKETS,
        )
        self.in_progress = 0
        in_progress = Gauge(
            "scoring_requests_in_progress", "Requests being served.", read=lambda: {(): self.in_progress}
        )
        self._fallbacks = Counter(
            "scoring_fast_path_fallbacks",
            "Requests for a decision that the fast path passed on to the ordinary route.",
            ["reason"],
        )
        self.families = (self._durations, in_progress, self._fallbacks)

    def durations(self, *, route: str, method: str, status: int) -> HistogramSeries:
        """Return the series for requests of this route template, method and status (0: no response was sent)."""
        status_class = _STATUS_CLASSES[status // 100] if status < 600 else "none"
        return self._durations.series(route, method if method in _METHODS else "other", status_class)

    def fell_back(self, reason: str) -> None:
        """Count a request that the fast path did not answer; `reason` is one of a fixed set."""
        self._fallbacks.inc((reason,))
