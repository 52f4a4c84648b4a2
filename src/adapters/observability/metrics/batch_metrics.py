"""What a worker counts: batches brought to an end, their rows, messages carried out, messages that wait."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from adapters.observability.metrics.counters import Counts, Tallies

_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)


class BatchFigures:
    """Counted in the thread of the event loop; times in seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counts("scoring_batches_ended", "Batches brought to an end by this worker.", ["state"])
        self._rows = Counts("scoring_batch_rows", "Rows on record, by outcome, and rows refused.", ["result"])
        took = Tallies(
            "scoring_batch_seconds",
            "From the first time a batch was taken up to its end.",
            (),
            _SECONDS,
        )
        self._took = took.of()
        self._deliveries = Counts(
            "scoring_webhook_deliveries",
            "Attempts to tell of a batch's end. failed: will be tried again; dead: given up.",
            ["result"],
        )
        for collector in (self._ended, self._rows, took, self._deliveries):
            registry.register(collector)
        self._waiting = Gauge(
            "scoring_outbox_waiting", "Messages that are still to be delivered, by anybody.", registry=registry
        )

    def batch_ended(self, *, state: str, seconds: float) -> None:
        """A batch is done or has failed."""
        self._ended.add((state,))
        self._took.observe(seconds)

    def rows(self, results: Mapping[str, int]) -> None:
        """A chunk is on record: how many rows of it were approved, referred, declined and refused."""
        for result, rows in results.items():
            self._rows.add((result,), rows)

    def delivery(self, result: str) -> None:
        """A message was delivered, failed, or is dead."""
        self._deliveries.add((result,))

    def outbox(self, waiting: int) -> None:
        """So many messages wait."""
        self._waiting.set(waiting)
