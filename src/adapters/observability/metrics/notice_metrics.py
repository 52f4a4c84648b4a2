"""Metrics of notices to applicants: those that were not sent yet."""

from adapters.observability.metrics.families import Gauge
from application.ports.operations.stored_state import NoticeQueue


class NoticeMetrics:
    """The state that was read last, absent while it cannot be read."""

    def __init__(self) -> None:
        self._notices = Gauge(
            "scoring_notices_pending",
            "Notices to applicants that were not sent, by state: `due` or `issued`.",
            ["state"],
        )
        self._due_soon = Gauge(
            "scoring_notices_due_soon", "Notices to applicants that were not sent and are due within seven days."
        )
        self._overdue = Gauge(
            "scoring_notices_overdue", "Notices to applicants that were not sent by their due time."
        )
        self._oldest = Gauge(
            "scoring_notice_longest_overdue_seconds",
            "Time since the earliest due time of a notice that is overdue; 0: none is.",
        )
        self.queue = (self._notices, self._due_soon, self._overdue, self._oldest)

    def set(self, queue: NoticeQueue) -> None:
        """Replace the state."""
        self.clear()
        self._notices.set(queue.due, "due")
        self._notices.set(queue.issued, "issued")
        self._due_soon.set(queue.due_soon)
        self._overdue.set(queue.overdue)
        self._oldest.set(queue.longest_overdue_seconds)

    def clear(self) -> None:
        """Remove the state, because it is unknown."""
        for gauge in self.queue:
            gauge.clear()
