"""A batch: a file of loan applications that a lender hands in, and how far deciding on it has got."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from domain.access.user import Actor
from domain.policies.outcome import Outcome


class BatchState(Enum):
    """Where a batch stands. `QUEUED`: waits for a worker; the last three are ends, and stay."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will be decided."""
        return self in {BatchState.DONE, BatchState.FAILED, BatchState.CANCELLED}


class AlreadyEnded(Exception):
    """The batch is done, failed or cancelled, and stays as it is."""


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """What is behind us: `rows_read` is `rows_refused` and the three outcomes together.

    `share_done` is the share of the file that was read, 0 to 1; `chunks` counts the commits so far.
    """

    rows_read: int = 0
    rows_refused: int = 0
    approved: int = 0
    referred: int = 0
    declined: int = 0
    share_done: float = 0.0
    chunks: int = 0

    @property
    def rows_decided(self) -> int:
        """Rows with a decision on record."""
        return self.approved + self.referred + self.declined

    def plus(
        self, *, rows_read: int, rows_refused: int, outcomes: Mapping[Outcome, int], share_done: float
    ) -> "BatchProgress":
        """The progress with one chunk more."""
        return BatchProgress(
            rows_read=self.rows_read + rows_read,
            rows_refused=self.rows_refused + rows_refused,
            approved=self.approved + outcomes.get(Outcome.APPROVED, 0),
            referred=self.referred + outcomes.get(Outcome.REFERRED, 0),
            declined=self.declined + outcomes.get(Outcome.DECLINED, 0),
            share_done=max(self.share_done, share_done),
            chunks=self.chunks + 1,
        )


NOTHING_YET = BatchProgress()


@dataclass(frozen=True, slots=True)
class Batch:
    """One file handed in: `size` in bytes, `digest` the SHA-256 of its content, as it came.

    `webhook_url` is where its end is told, `fault` what is wrong with the file of a batch that failed; times are
    in UTC.
    """

    batch_id: UUID
    name: str
    submitted_at: datetime
    requested_by: Actor
    webhook_url: str | None = None
    size: int = 0
    digest: bytes = b""
    state: BatchState = BatchState.QUEUED
    progress: BatchProgress = NOTHING_YET
    started_at: datetime | None = None
    finished_at: datetime | None = None
    fault: str | None = None

    def received(self, *, size: int, digest: bytes) -> "Batch":
        """The batch with all of its content."""
        return replace(self, size=size, digest=digest)

    def begin(self, at: datetime) -> "Batch":
        """In work, from the first time it was taken up."""
        return replace(self._open(), state=BatchState.RUNNING, started_at=self.started_at or at)

    def release(self) -> "Batch":
        """Waiting for another worker, who goes on behind the rows that are decided."""
        return replace(self._open(), state=BatchState.QUEUED)

    def after(self, progress: BatchProgress) -> "Batch":
        """Further on."""
        return replace(self._open(), progress=progress)

    def complete(self, at: datetime) -> "Batch":
        """Every row is decided or refused."""
        return replace(self._open(), state=BatchState.DONE, finished_at=at)

    def fail(self, at: datetime, fault: str) -> "Batch":
        """It cannot go on; what is decided stays on record. What cannot be printed of the fault is left out."""
        printable = "".join([each for each in fault if each.isprintable()])
        return replace(self._open(), state=BatchState.FAILED, finished_at=at, fault=printable)

    def cancel(self, at: datetime) -> "Batch":
        """Nothing more is decided; what is decided stays on record."""
        return replace(self._open(), state=BatchState.CANCELLED, finished_at=at)

    def _open(self) -> "Batch":
        if self.state.ended:
            raise AlreadyEnded(f"batch {self.batch_id} is {self.state.value} already")
        return self
