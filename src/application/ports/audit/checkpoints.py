"""Storage of checkpoints."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Protocol

from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import ChainHead


class CheckpointTaken(Exception):
    """Another process has already added a checkpoint with this number."""


class Checkpoints(Protocol):
    """Stores signed checkpoints, append-only.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def last(self) -> SignedCheckpoint | None:
        """The newest checkpoint."""

    @abstractmethod
    async def uncheckpointed_heads(self) -> tuple[ChainHead, ...]:
        """The heads of chains that are longer than any checkpoint states, up to the first gap."""

    @abstractmethod
    async def chain_heads(self) -> tuple[ChainHead, ...]:
        """The heads of all chains, up to the first gap."""

    @abstractmethod
    async def heads_at(self, number: int) -> tuple[ChainHead, ...]:
        """The longest head of each chain that checkpoints up to this number state."""

    @abstractmethod
    async def add(self, signed: SignedCheckpoint) -> None:
        """Add a checkpoint; raises CheckpointTaken."""

    @abstractmethod
    def all(self, *, after: int = 0) -> AsyncIterator[SignedCheckpoint]:
        """All checkpoints with a number above `after`, by number."""
