"""A recorded decision whose document cannot be read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UnreadableDecision:
    """What is known of a decision whose document this release cannot read, and why it cannot.

    Identifier, time and requester are stored beside the document too. `digest` is the SHA-256 of the stored
    document in hexadecimal, to be compared with the audit trail; None for a document that is too large to be
    loaded, or whose record was read and is not one of its product.
    """

    decision_id: UUID
    decided_at: datetime
    requested_by: str
    digest: str | None
    problem: str
