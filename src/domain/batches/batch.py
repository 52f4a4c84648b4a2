"""A batch: a file of loan applications that a caller submits, with its state and progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from domain.access.user import Actor
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.policies.outcome import Outcome


class BatchState(Enum):
    """The state of a batch. A queued batch waits for a worker; the last three states are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether the state is final."""
        return self in {BatchState.DONE, BatchState.FAILED, BatchState.CANCELLED}


class AlreadyEnded(Exception):
    """The batch is already done, failed or cancelled."""


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """The rows that were read so far: `rows_refused` and the three outcomes add up to `rows_read`.

    `share_done` is the share of the file that was read, 0 to 1; `chunks` is the number of chunks committed.
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
        """The number of rows with a recorded decision."""
        return self.approved + self.referred + self.declined

    @property
    def all_refused(self) -> bool:
        """Whether there were rows and none of them could be decided."""
        return self.rows_read == self.rows_refused > 0

    def plus(
        self, *, rows_read: int, rows_refused: int, outcomes: Mapping[Outcome, int], share_done: float
    ) -> "BatchProgress":
        """The progress after one more chunk."""
        return BatchProgress(
            rows_read=self.rows_read + rows_read,
            rows_refused=self.rows_refused + rows_refused,
            approved=self.approved + outcomes.get(Outcome.APPROVED, 0),
            referred=self.referred + outcomes.get(Outcome.REFERRED, 0),
            declined=self.declined + outcomes.get(Outcome.DECLINED, 0),
            share_done=max(self.share_done, share_done),
            chunks=self.chunks + 1,
        )


NO_PROGRESS = BatchProgress()


@dataclass(frozen=True, slots=True)
class Batch:
    """One submitted file, with its `size` in bytes and the SHA-256 `digest` of its content as received.

    `conventions` are what the caller states about the file. `webhook_url` is notified when the batch ends. `fault`
    says why a batch failed, `notices` are remarks on its file. The decisions of a `trial` are recorded as such.
    `keep` names columns of the file that the results repeat. Times are in UTC.
    """

    batch_id: UUID
    name: str
    submitted_at: datetime
    requested_by: Actor
    webhook_url: str | None = None
    size: int = 0
    digest: bytes = b""
    state: BatchState = BatchState.QUEUED
    progress: BatchProgress = NO_PROGRESS
    started_at: datetime | None = None
    finished_at: datetime | None = None
    fault: str | None = None
    conventions: FileConventions = AS_DEFINED
    notices: tuple[str, ...] = ()
    trial: bool = False
    keep: tuple[str, ...] = ()

    def received(self, *, size: int, digest: bytes) -> "Batch":
        """The batch after its content was received."""
        return replace(self, size=size, digest=digest)

    def begin(self, at: datetime) -> "Batch":
        """The running batch. `started_at` is the first time a worker started it."""
        return replace(self._open(), state=BatchState.RUNNING, started_at=self.started_at or at)

    def release(self) -> "Batch":
        """The queued batch, which another worker continues after the rows that are decided."""
        return replace(self._open(), state=BatchState.QUEUED)

    def after(self, progress: BatchProgress) -> "Batch":
        """The batch with this progress."""
        return replace(self._open(), progress=progress)

    def remarked(self, notices: Sequence[str]) -> "Batch":
        """The batch with these remarks on its file."""
        return replace(self._open(), notices=tuple(map(_printable, notices)))

    def complete(self, at: datetime) -> "Batch":
        """The batch after every row was decided or rejected."""
        return replace(self._open(), state=BatchState.DONE, finished_at=at)

    def fail(self, at: datetime, fault: str) -> "Batch":
        """The failed batch; recorded decisions remain. Unprintable characters are removed from `fault`."""
        return replace(self._open(), state=BatchState.FAILED, finished_at=at, fault=_printable(fault))

    def cancel(self, at: datetime) -> "Batch":
        """The cancelled batch; recorded decisions remain."""
        return replace(self._open(), state=BatchState.CANCELLED, finished_at=at)

    def _open(self) -> "Batch":
        if self.state.ended:
            raise AlreadyEnded(f"batch {self.batch_id} is already {self.state.value}")
        return self


def every_row_rejected(rows: int, first_refusal: str) -> str:
    """The message about a file of which no row could be decided."""
    first = f". The first: {first_refusal}" if first_refusal else ""
    return f"every row was rejected, {rows:,} in all, and nothing was decided{first}"


def _printable(text: str) -> str:
    return "".join([character for character in text if character.isprintable()])
