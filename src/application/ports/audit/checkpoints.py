"""Checkpoints of the audit trail: where they are kept."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Protocol

from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import ChainHead


class CheckpointTaken(Exception):
    """There is a checkpoint of this number already: somebody else was first, and theirs stays."""


class Checkpoints(Protocol):
    """Keeps signed checkpoints, append-only.

    Raises DependencyUnavailable when the storage does not answer.
    """

    @abstractmethod
    async def last(self) -> SignedCheckpoint | None:
        """The newest."""

    @abstractmethod
    async def uncheckpointed_heads(self) -> tuple[ChainHead, ...]:
        """The chains of audit entries that are longer than any checkpoint says, up to their last entry without a
        gap before it.
        """

    @abstractmethod
    async def chain_heads(self) -> tuple[ChainHead, ...]:
        """All chains, up to their last entry without a gap before it, whatever checkpoints say of them."""

    @abstractmethod
    async def add(self, signed: SignedCheckpoint) -> None:
        """Keep one for good; raises CheckpointTaken."""

    @abstractmethod
    def all(self, *, after: int = 0) -> AsyncIterator[SignedCheckpoint]:
        """All of them with a higher number than `after`, by number."""
