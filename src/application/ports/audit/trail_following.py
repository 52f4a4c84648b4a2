"""Consumers of the audit trail."""

from abc import abstractmethod
from typing import Protocol


class TrailConsumer(Protocol):
    """Handles each entry of the audit trail exactly once, in the order of its chain, soon after it is recorded.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def follow(self, limit: int) -> int | None:
        """Handle the next entries and return their number, `limit` at most.

        Returns 0 where nothing is left, and None while another process is following.
        """

    @abstractmethod
    async def pending(self) -> int:
        """The number of audit entries that are not handled yet."""
