"""Security events: who did what, from where, to what, and with which result."""

from abc import abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class SecurityEventKind(Enum):
    """The kinds of events; docs/security-events.md lists each with its `meaning`."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> "SecurityEventKind":
        """Create a kind with its name in the log."""
        kind = object.__new__(cls)
        kind._value_ = value
        kind.meaning = meaning
        return kind

    AUTHENTICATION = (
        "authentication",
        "A login with name and password (`user` is the typed name), a response with status 401 (`object` is "
        "method and route), or a token printed at the start (`object` is its user).",
    )
    LOCKOUT = (
        "lockout",
        "A login refused without checking the password, after too many failures.",
    )
    AUTHORIZATION = (
        "authorization",
        "An action that the user's role does not permit, or a response with status 403. `object` is the use "
        "case, or method and route.",
    )
    SESSION_ENDED = (
        "session.ended",
        "A user logged out of the web interface, or a session was ended by its user, by an administrator or at "
        "the command line (`object` is its identifier).",
    )
    USER_SESSIONS_ENDED = (
        "user.sessions_ended",
        "All access tokens and web sessions of a user were revoked; `object` is that user.",
    )
    USER_UNLOCKED = ("user.unlocked", "Failed logins of a user no longer count; `object` is that user.")
    USER_ADDED = (
        "user.added",
        "A user was added, or the first one at installation; `object` is the new user.",
    )
    USER_ROLE_CHANGED = ("user.role_changed", "A user's role was changed; `object` is that user.")
    USER_PASSWORD_CHANGED = ("user.password_changed", "A user's password was changed; `object` is that user.")
    USER_REMOVED = ("user.removed", "A user was removed; `object` is that user.")
    EXPORT = (
        "export",
        "Results or errors of a batch were downloaded, the database was backed up, or a month was archived; "
        "`object` names the batch and the file, or the month, and the folder.",
    )
    BATCH_CANCELLED = ("batch.cancelled", "A batch was cancelled; `object` is the batch.")
    WEBHOOK_SECRET_READ = (
        "webhook_secret.read",
        "A user's webhook secret was displayed; `object` is that user.",
    )
    AUDIT_VERIFIED = (
        "audit.verified",
        "The audit trail was verified; `failed` if it has integrity errors.",
    )


class Result(Enum):
    """The result of the action."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One event: `user` acted on `object`. Unknown values are empty.

    `source_address` is the network address of the request; the recorder finds it if it is empty.
    """

    kind: SecurityEventKind
    result: Result
    user: str = ""
    object: str = ""
    source_address: str = ""


class SecurityEvents(Protocol):
    """Records events for the people and tools that monitor security."""

    @abstractmethod
    def record(self, event: SecurityEvent) -> None:
        """Record an event."""
