"""Where copies of checkpoints are published: outside the database, out of reach of whoever controls it."""

from abc import abstractmethod
from typing import Protocol

from domain.audit.checkpoint_copy import CheckpointCopy


class PublicationFailed(Exception):
    """The copy did not reach the destination; the text says why."""


class CheckpointDestination(Protocol):
    """Takes copies at least once each, by number."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Which destination, in a word: a label of metrics."""

    @abstractmethod
    async def last(self) -> int | None:
        """The number of the last copy it took, None where that is not known; raises PublicationFailed."""

    @abstractmethod
    async def publish(self, copy: CheckpointCopy) -> None:
        """Return when the destination has taken the copy; raises PublicationFailed."""
