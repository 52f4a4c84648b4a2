"""Metrics of stored documents."""

from adapters.observability.metrics.families import Counter


class DocumentMetrics:
    """Counts documents that could not be read."""

    def __init__(self) -> None:
        self._unreadable = Counter(
            "scoring_unreadable_documents",
            "Stored documents that could not be read, each time one was met. kind: decision, policy, product, "
            "event, case action, final decision or application action; fault: not_json, other_kind, "
            "unknown_schema, invalid_content, other_record or too_large.",
            ["kind", "fault"],
        )
        self.families = (self._unreadable,)

    def unreadable(self, kind: str, fault: str) -> None:
        """Count a document that could not be read."""
        self._unreadable.inc((kind, fault))
