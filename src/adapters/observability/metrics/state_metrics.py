"""Metrics of what the database holds: the audit trail, the queues, and the storage of decisions."""

from adapters.observability.metrics.case_metrics import CaseMetrics
from adapters.observability.metrics.families import Gauge
from adapters.observability.metrics.notice_metrics import NoticeMetrics
from application.ports.operations.stored_state import StoredState


class StateMetrics:
    """The state that was read last. While the database cannot be read, these metrics are absent.

    The state of referral cases is in `cases`, that of notices in `notices`.
    """

    def __init__(self, cases: CaseMetrics, notices: NoticeMetrics) -> None:
        self._cases = cases
        self._notices = notices
        self._batches = Gauge("scoring_batches_pending", "Batches by state: `queued` or `running`.", ["state"])
        self._oldest_batch = Gauge(
            "scoring_batch_oldest_queued_age_seconds",
            "Time since the oldest queued batch was submitted; 0: none.",
        )
        self._messages = Gauge("scoring_outbox_pending_messages", "Webhook messages still to be delivered.")
        self._oldest_message = Gauge(
            "scoring_outbox_oldest_pending_age_seconds",
            "Time since the oldest webhook message still to be delivered was created; 0 if none.",
        )
        self._dead_letters = Gauge("scoring_outbox_dead_letters", "Webhook messages that were given up.")
        self._checkpoint = Gauge(
            "scoring_checkpoint_last_timestamp_seconds",
            "When the last audit trail checkpoint was created, in seconds since 1970; absent before the first.",
        )
        self._checkpoint_number = Gauge(
            "scoring_checkpoint_last_number", "Number of the last audit trail checkpoint created; 0 if none."
        )
        self._verified = Gauge(
            "scoring_audit_verification_timestamp_seconds",
            "When the audit trail was last verified, in seconds since 1970; absent before the first verification.",
        )
        self._intact = Gauge(
            "scoring_audit_verification_success",
            "Whether the last verification found no integrity violation: 1 or 0; absent before the first.",
        )
        self._whole = Gauge(
            "scoring_audit_verification_whole_timestamp_seconds",
            "When everything on the audit trail was last verified, in seconds since 1970; absent before, and "
            "while the last verification has integrity violations.",
        )
        self._partitions = Gauge(
            "scoring_decision_partitions_ahead",
            "Consecutive months after the current one whose partition of decisions exists.",
        )
        self._size = Gauge("scoring_database_size_bytes", "Size of the database on disk.")
        self._decisions = Gauge(
            "scoring_recorded_decisions_estimate", "Recorded decisions as PostgreSQL's planner estimates them."
        )
        self._state = (
            self._batches,
            self._oldest_batch,
            self._messages,
            self._oldest_message,
            self._dead_letters,
            self._checkpoint,
            self._checkpoint_number,
            self._verified,
            self._intact,
            self._whole,
            self._partitions,
            self._size,
            self._decisions,
        )
        self._published = Gauge(
            "scoring_checkpoint_published_number",
            "Number of the last audit trail checkpoint published to a destination; 0 if none since the start.",
            ["destination"],
        )
        self.families = (*self._state, *cases.queue, *notices.queue, self._published)

    def set(self, state: StoredState) -> None:
        """Replace the state."""
        self.clear()
        self._batches.set(state.batches_queued, "queued")
        self._batches.set(state.batches_running, "running")
        self._oldest_batch.set(state.oldest_queued_seconds)
        self._messages.set(state.messages_pending)
        self._oldest_message.set(state.oldest_pending_seconds)
        self._dead_letters.set(state.dead_letters)
        self._checkpoint_number.set(state.last_checkpoint)
        if state.checkpointed_at is not None:
            self._checkpoint.set(state.checkpointed_at.timestamp())
        if state.verification is not None:
            self._verified.set(state.verification.at.timestamp())
            self._intact.set(int(state.verification.succeeded))
            if state.verification.whole_at is not None:
                self._whole.set(state.verification.whole_at.timestamp())
        self._partitions.set(state.partitions_ahead)
        self._size.set(state.database_bytes)
        self._decisions.set(state.decisions_estimate)
        self._cases.set(state.cases)
        self._notices.set(state.notices)

    def clear(self) -> None:
        """Remove the state, because it is unknown."""
        for gauge in self._state:
            gauge.clear()
        self._cases.clear()
        self._notices.clear()

    def checkpoint_published(self, destination: str, number: int) -> None:
        """Record that this checkpoint was published."""
        self._published.set(number, destination)
