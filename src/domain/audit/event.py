"""Events in the audit trail: actions of people, other than decisions, that an auditor must be able to trace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

Detail = str | int | float | bool | None
_SCHEMA = 1


class EventKind(StrEnum):
    """The kinds of events. The text is the action of the audit entry, so it must never change."""

    USER_ADDED = "user added"
    ROLE_CHANGED = "role changed"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - the name of an event, not a password
    PASSWORD_RESET = "password reset"  # noqa: S105 - the name of an event, not a password
    USER_REMOVED = "user removed"
    SESSIONS_ENDED = "sessions ended"
    BATCH_CANCELLED = "batch cancelled"
    TRAIL_VERIFIED = "audit trail verified"
    MONTH_ARCHIVED = "month archived"
    MONTH_RESTORED = "month restored"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event: `actor` (`os:NAME` at the command line) did something of this `kind`.

    `details` say to what or whom and how: {"user": "olga", "role": "auditor"}. They must not contain secrets.
    """

    event_id: UUID
    at: datetime
    actor: str
    kind: EventKind
    details: Mapping[str, Detail] = field(default_factory=dict)

    def document(self) -> bytes:
        """The whole event as canonical JSON, which is stored and which the audit entry contains the digest of."""
        content = {
            "schema": _SCHEMA,
            "event_id": str(self.event_id),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "kind": self.kind,
            "details": dict(self.details),
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
