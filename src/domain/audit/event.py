"""Events in the audit trail: actions of people, other than decisions, that an auditor must be able to trace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

Detail = str | int | float | bool | None
_SCHEMA = 1
SUBJECT_DETAILS = (
    "batch",
    "decision",
    "delivery",
    "folder",
    "month",
    "policy_version",
    "process",
    "session",
    "user",
)
"""The details that name the subject of an event. Its first in this order is the first in the document too, which
the index of subjects uses.
"""


class EventKind(StrEnum):
    """The kinds of events. The text is the action of the audit entry, so it must never change."""

    LOGGED_IN = "logged in"
    LOGIN_FAILED = "login failed"
    LOGIN_REFUSED = "login refused"
    LOGGED_OUT = "logged out"
    TOKEN_ISSUED = "access token issued"  # noqa: S105 - the name of an event, not a token
    USER_ADDED = "user added"
    ROLE_CHANGED = "role changed"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - the name of an event, not a password
    PASSWORD_RESET = "password reset"  # noqa: S105 - the name of an event, not a password
    USER_REMOVED = "user removed"
    SESSIONS_ENDED = "sessions ended"
    USER_UNLOCKED = "user unlocked"
    BATCH_SUBMITTED = "batch submitted"
    BATCH_CANCELLED = "batch cancelled"
    OUTCOMES_SUBMITTED = "outcomes submitted"
    OUTCOMES_EXPORTED = "outcomes exported"
    BATCH_DOWNLOADED = "batch downloaded"
    WEBHOOK_SECRET_READ = "webhook secret read"  # noqa: S105 - the name of an event, not a secret
    WEBHOOK_RETRIED = "webhook retried"
    WEBHOOK_SUBSCRIBED = "webhook subscribed"
    WEBHOOK_SUBSCRIPTION_ENDED = "webhook subscription ended"
    TRAIL_VERIFIED = "audit trail verified"
    EVIDENCE_EXPORTED = "evidence exported"
    DATABASE_BACKED_UP = "database backed up"
    BACKUP_RESTORED = "backup restored"
    MONTH_COPIED = "month copied to an archive"
    MONTH_ARCHIVED = "month archived"
    POLICY_ACTIVATED = "policy activated"
    MONTH_RESTORED = "month restored"
    SETTINGS_CHANGED = "settings changed"
    CHECKPOINT_KEY_CHANGED = "checkpoint key changed"
    DEMONSTRATION_STARTED = "demonstration started"
    DEMONSTRATION_COMPLETED = "demonstration completed"


def subject_in(details: Mapping[str, Detail]) -> str:
    """What an event with these details is about; empty if that is the trail or the service."""
    return next((str(details[name]) for name in SUBJECT_DETAILS if isinstance(details.get(name), str)), "")


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

    @property
    def subject(self) -> str:
        """What the event is about, such as the name of a user."""
        return subject_in(self.details)

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
