"""Destinations for copies of checkpoints, outside the control of those who control the database."""

from abc import abstractmethod
from typing import Protocol

from domain.audit.checkpoint_copy import CheckpointCopy


class PublicationFailed(Exception):
    """The copy did not reach the destination. The message says why."""


class CheckpointDestination(Protocol):
    """Receives each copy at least once, in the order of numbers."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name, used as a metrics label."""

    @abstractmethod
    async def last(self) -> int | None:
        """The number of the last copy received, None if unknown; raises PublicationFailed."""

    @abstractmethod
    async def publish(self, copy: CheckpointCopy) -> None:
        """Send a copy and wait until it is received; raises PublicationFailed."""
