"""Dumps of the whole database."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from application.operational_error import OperationalError

Progress = Callable[[float, str], None]
"""Receives the completed share, 0 to 1, and a short text."""


class DumpFailed(OperationalError):
    """The database could not be dumped or restored. The message has the program's own error."""


class DatabaseNotEmpty(OperationalError):
    """A dump is restored into an empty database only."""


@dataclass(frozen=True, slots=True)
class RecordedState:
    """What a database contains: rows by table, the newest checkpoint, and the keys that signed checkpoints.

    `last_checkpoint` is a line as `scoring audit checkpoint --show` prints it, empty if there is no checkpoint.
    `signed_with` are public keys in hexadecimal.
    """

    revision: str
    counts: Mapping[str, int]
    last_checkpoint: str
    signed_with: tuple[str, ...]


class DatabaseDumps(Protocol):
    """Dumps and restores the database of the service.

    Raises DependencyUnavailable if the database does not answer.
    """

    @abstractmethod
    async def dump(self, file: Path, progress: Progress) -> RecordedState:
        """Dump one snapshot of the database into a new file, and return its state. Raises DumpFailed."""

    @abstractmethod
    async def check_empty(self) -> None:
        """Raise DatabaseNotEmpty, naming what is there, unless the database is empty."""

    @abstractmethod
    async def restore(self, file: Path, progress: Progress) -> None:
        """Restore a dump, all or nothing. Raises DumpFailed."""

    @abstractmethod
    async def state(self) -> RecordedState:
        """The current state of the database."""
