"""Reads records from rows. A record that cannot be read is reported, and never fails the others."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import case, func

from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.documents import DECISION, MAX_DOCUMENT_BYTES, decode
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.stored_document import DocumentFault, UnreadableDocument

RECORD_COLUMNS = (
    decisions.c.decision_id,
    decisions.c.decided_at,
    decisions.c.requested_by,
    case((func.octet_length(decisions.c.document) <= MAX_DOCUMENT_BYTES, decisions.c.document)).label("document"),
)
"""What `RecordReader.read` needs of a row."""


class RecordReader:
    """Reads rows of RECORD_COLUMNS."""

    def __init__(self, unreadable: UnreadableDocuments) -> None:
        self._unreadable = unreadable

    def read(self, row: Mapping[Any, Any]) -> DecisionRecord | UnreadableDecision:
        """The record, or what is known of it if its document cannot be read."""
        document: str | None = row["document"]
        try:
            return _record_of(document, row["decision_id"])
        except UnreadableDocument as fault:
            self._unreadable.report(DECISION.name, row["decision_id"], fault)
            return UnreadableDecision(
                decision_id=row["decision_id"],
                decided_at=row["decided_at"],
                requested_by=row["requested_by"],
                digest=None if document is None else sha256(document.encode()).hexdigest(),
                problem=str(fault),
            )


def _record_of(document: str | None, decision_id: UUID) -> DecisionRecord:
    """The record in a decision's document. Raises UnreadableDocument."""
    if document is None:
        raise UnreadableDocument(DocumentFault.TOO_LARGE, f"it is larger than {MAX_DOCUMENT_BYTES // 1024} KiB")
    return decode(document, decision_id)
