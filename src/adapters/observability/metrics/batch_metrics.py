"""Metrics of a batch worker: finished batches, their rows, webhook deliveries and pending messages."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from adapters.observability.metrics.counters import Counter, Histogram

_DURATION_BUCKETS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)


class BatchMetrics:
    """Counts in the thread of the event loop; durations in seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._finished = Counter(
            "scoring_batches_finished", "Batches finished by this worker, by state.", ["state"]
        )
        self._rows = Counter("scoring_batch_rows", "Rows recorded, by outcome, and rows rejected.", ["result"])
        durations = Histogram(
            "scoring_batch_duration_seconds", "Time from a batch's first start to its end.", (), _DURATION_BUCKETS
        )
        self._duration = durations.labels()
        self._deliveries = Counter(
            "scoring_webhook_deliveries",
            "Attempts to deliver a webhook: delivered, failed (will be retried) or dead (given up).",
            ["result"],
        )
        for collector in (self._finished, self._rows, durations, self._deliveries):
            registry.register(collector)
        self._pending = Gauge(
            "scoring_outbox_pending_messages", "Webhooks of all workers still to be delivered.", registry=registry
        )

    def batch_finished(self, *, state: str, seconds: float) -> None:
        """Count a batch that is done or has failed."""
        self._finished.inc((state,))
        self._duration.observe(seconds)

    def rows_recorded(self, rows: Mapping[str, int]) -> None:
        """Count the rows of a recorded chunk: how many were approved, referred, declined and rejected."""
        for result, count in rows.items():
            self._rows.inc((result,), count)

    def delivery_attempted(self, result: str) -> None:
        """Count an attempt: "delivered", "failed" or "dead"."""
        self._deliveries.inc((result,))

    def set_pending(self, messages: int) -> None:
        """Set the number of messages still to be delivered."""
        self._pending.set(messages)
