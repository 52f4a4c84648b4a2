"""The state of what is stored: the audit trail, the queues and the storage, for those who operate the service."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LastVerification:
    """The last verification of the audit trail; it succeeded if it found no integrity violation."""

    at: datetime
    succeeded: bool
    whole_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseQueue:
    """Unfinished referral cases by state; ages in seconds, 0 where nothing waits.

    A case counts as open while its lease has expired. Cases that await the applicant are not overdue, and do not
    count for `oldest_seconds`, which is the age of the oldest other one.
    """

    by_state: Mapping[str, int] = field(default_factory=dict)
    overdue: int = 0
    oldest_seconds: float = 0.0
    oldest_second_approval_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NoticeQueue:
    """Notices to applicants that were not sent: `due` ones and `issued` ones.

    `due_soon` are due within seven days, `overdue` ones are past their due time, the earliest one for
    `longest_overdue_seconds`, 0 if none is.
    """

    due: int = 0
    issued: int = 0
    due_soon: int = 0
    overdue: int = 0
    longest_overdue_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StoredState:
    """Queued and running batches, webhook messages, checkpoints, verifications, partitions and size.

    Ages are in seconds, and 0 where nothing waits. `last_checkpoint` is the number of the last checkpoint, or 0.
    `partitions_ahead` counts the consecutive months after the current one whose partition exists.
    """

    batches_queued: int
    batches_running: int
    oldest_queued_seconds: float
    messages_pending: int
    oldest_pending_seconds: float
    dead_letters: int
    last_checkpoint: int
    checkpointed_at: datetime | None
    verification: LastVerification | None
    partitions_ahead: int
    database_bytes: int
    decisions_estimate: int
    cases: CaseQueue = CaseQueue()
    notices: NoticeQueue = NoticeQueue()


class StoredStates(Protocol):
    """Reads the state."""

    @abstractmethod
    async def read(self) -> StoredState:
        """The current state, in milliseconds also with millions of decisions. Raises DependencyUnavailable."""
