"""Metrics of calls of use cases and ports, and of errors."""

from adapters.observability.metrics.families import Counter, Histogram, HistogramSeries
from adapters.observability.metrics.request_metrics import REQUEST_BUCKETS

CALL_BUCKETS = (0.0001, 0.0005, *REQUEST_BUCKETS)


class CallMetrics:
    """Durations in seconds, and exceptions by type."""

    def __init__(self) -> None:
        self._durations = Histogram(
            "scoring_call_duration_seconds",
            "Duration of calls of use cases and ports, such as `assess_loan_application` and `ledger.record`.",
            ["name"],
            CALL_BUCKETS,
        )
        self._errors = Counter(
            "scoring_errors",
            "Exceptions by type; `where` is a use case or port, or `request` for an unexpected error.",
            ["where", "type"],
        )
        self.families = (self._durations, self._errors)

    def durations(self, name: str) -> HistogramSeries:
        """Return the series for calls of this use case or port."""
        return self._durations.series(name)

    def error(self, *, where: str, kind: str) -> None:
        """Count an exception of this type."""
        self._errors.inc((where, kind))
