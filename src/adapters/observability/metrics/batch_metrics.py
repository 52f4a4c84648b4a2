"""Metrics of a batch worker: finished batches, their rows, and webhook deliveries."""

from collections.abc import Mapping

from adapters.observability.metrics.families import Counter, Histogram

_DURATION_BUCKETS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)


class BatchMetrics:
    """Durations in seconds."""

    def __init__(self) -> None:
        self._finished = Counter(
            "scoring_batches_finished", "Batches finished by this worker: `done` or `failed`.", ["state"]
        )
        self._rows = Counter(
            "scoring_batch_rows", "Rows recorded (`approved`, `referred`, `declined`) or `rejected`.", ["result"]
        )
        durations = Histogram(
            "scoring_batch_duration_seconds", "Time from a batch's first start to its end.", (), _DURATION_BUCKETS
        )
        self._durations = durations.series()
        self._deliveries = Counter(
            "scoring_webhook_deliveries",
            "Attempts to deliver a webhook: `delivered`, `failed` (will be retried) or `dead` (given up).",
            ["event", "result"],
        )
        self.families = (self._finished, self._rows, durations, self._deliveries)

    def batch_finished(self, *, state: str, seconds: float) -> None:
        """Count a batch that is done or has failed."""
        self._finished.inc((state,))
        self._durations.observe(seconds)

    def rows_recorded(self, rows: Mapping[str, int]) -> None:
        """Count the rows of a recorded chunk: how many were approved, referred, declined and rejected."""
        for result, count in rows.items():
            self._rows.inc((result,), count)

    def delivery_attempted(self, event: str, result: str) -> None:
        """Count an attempt for an event such as "batch.done": "delivered", "failed" or "dead"."""
        self._deliveries.inc((event, result))
