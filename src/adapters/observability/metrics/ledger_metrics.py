"""Metrics of the decision ledger: group commits and the queue before them."""

from collections.abc import Callable, Sequence

from adapters.observability.metrics.call_metrics import CALL_BUCKETS
from adapters.observability.metrics.families import Gauge, Histogram

_COMMIT_SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class LedgerMetrics:
    """Durations in seconds."""

    def __init__(self) -> None:
        sizes = Histogram(
            "scoring_ledger_commit_decisions", "Decisions per group commit.", (), _COMMIT_SIZE_BUCKETS
        )
        durations = Histogram(
            "scoring_ledger_commit_duration_seconds", "Duration of a group commit.", (), CALL_BUCKETS
        )
        waits = Histogram(
            "scoring_ledger_wait_seconds",
            "Time from a decision's submission to the ledger until its group commit begins.",
            (),
            CALL_BUCKETS,
        )
        self._sizes, self._durations, self._waits = sizes.series(), durations.series(), waits.series()
        self.pending: Callable[[], int] = int
        """Returns the number of decisions that wait."""
        pending = Gauge(
            "scoring_ledger_pending_decisions",
            "Decisions that wait for a group commit.",
            read=lambda: {(): self.pending()},
        )
        self.families = (sizes, durations, waits, pending)

    def committed(self, waited: Sequence[float], seconds: float) -> None:
        """Record a group commit: how long each of its decisions waited for it, and its duration."""
        self._sizes.observe(len(waited))
        self._durations.observe(seconds)
        for wait in waited:
            self._waits.observe(wait)
