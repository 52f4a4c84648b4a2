"""Events in the audit trail: what people did, besides decisions, that an auditor must be able to trace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

Detail = str | int | float | bool | None
_SCHEMA = 1


class EventKind(StrEnum):
    """What happened. The text is the action of the event's audit entry, so it must never change."""

    USER_ADDED = "user added"
    ROLE_CHANGED = "role changed"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - what happened to one, not a password
    PASSWORD_RESET = "password reset"  # noqa: S105 - what happened to one, not a password
    USER_REMOVED = "user removed"
    SESSIONS_ENDED = "sessions ended"
    BATCH_SUBMITTED = "batch submitted"
    BATCH_CANCELLED = "batch cancelled"
    DECISIONS_EXPORTED = "decisions exported"
    TRAIL_VERIFIED = "audit trail verified"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event: who (`actor`; `os:NAME` for somebody at the command line) did what, and when.

    `details` say to what or whom and how, by name: {"user": "olga", "role": "auditor"}. No secrets belong in them.
    """

    event_id: UUID
    at: datetime
    actor: str
    kind: EventKind
    details: Mapping[str, Detail] = field(default_factory=dict)

    def document(self) -> bytes:
        """The whole event as canonical JSON: what is stored, and what the audit entry's content digest is of."""
        told = {
            "schema": _SCHEMA,
            "event_id": str(self.event_id),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "kind": self.kind,
            "details": dict(self.details),
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
