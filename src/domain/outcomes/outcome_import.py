"""A file of outcomes of loans that is imported, with its state and progress."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.access.user import Actor


class ImportState(StrEnum):
    """The state of an import. The last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether the state is final."""
        return self in {ImportState.DONE, ImportState.FAILED}


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """The rows read so far: `recorded`, `repeated` and `refused` add up to `rows_read`.

    `repeated` rows state what is recorded already. `share_done` is the share of the file that was read, 0 to 1;
    `chunks` is the number of chunks committed.
    """

    rows_read: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: int = 0
    share_done: float = 0.0
    chunks: int = 0

    def plus(self, *, recorded: int, repeated: int, refused: int, share_done: float) -> "ImportProgress":
        """The progress after one more chunk."""
        return ImportProgress(
            self.rows_read + recorded + repeated + refused,
            self.recorded + recorded,
            self.repeated + repeated,
            self.refused + refused,
            max(self.share_done, share_done),
            self.chunks + 1,
        )


NO_PROGRESS = ImportProgress()


class ImportEnded(Exception):
    """The import is done or failed already."""


@dataclass(frozen=True, slots=True)
class OutcomeImport:
    """One submitted file, with its `size` in bytes and the SHA-256 `digest` of its content as received.

    `as_of` is the day of rows that state none. `fault` says why the import failed. Times are in UTC.
    """

    import_id: UUID
    name: str
    submitted_at: datetime
    requested_by: Actor
    as_of: date | None = None
    size: int = 0
    digest: bytes = b""
    state: ImportState = ImportState.QUEUED
    progress: ImportProgress = NO_PROGRESS
    started_at: datetime | None = None
    finished_at: datetime | None = None
    fault: str | None = None

    def received(self, *, size: int, digest: bytes) -> "OutcomeImport":
        """The import after its content was received."""
        return replace(self, size=size, digest=digest)

    def after(self, progress: ImportProgress) -> "OutcomeImport":
        """The import with this progress."""
        return replace(self._open(), progress=progress)

    def complete(self, at: datetime) -> "OutcomeImport":
        """The import after every row was recorded, found repeated, or refused."""
        return replace(self._open(), state=ImportState.DONE, finished_at=at)

    def fail(self, at: datetime, fault: str) -> "OutcomeImport":
        """The failed import; recorded outcomes remain. Unprintable characters are removed from `fault`."""
        shown = "".join([character for character in fault if character.isprintable()])
        return replace(self._open(), state=ImportState.FAILED, finished_at=at, fault=shown)

    def _open(self) -> "OutcomeImport":
        if self.state.ended:
            raise ImportEnded(f"import {self.import_id} is already {self.state.value}")
        return self
