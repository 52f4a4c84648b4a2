"""Aggregates of recorded decisions, from which overviews are read."""

from abc import abstractmethod
from typing import Protocol


class DecisionAggregates(Protocol):
    """Follows the audit trail: what is recorded is added once, in whatever order and by whichever process.

    Overviews are exact at any time, because they also count what is not added yet; the more that is, the longer
    they take. Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def add_next(self, limit: int) -> int | None:
        """Add the next recorded decisions and return the number of audit entries that were read, `limit` at most.

        Returns 0 where nothing is left, and None while another process is adding.
        """

    @abstractmethod
    async def pending(self) -> int:
        """The number of audit entries that are not added yet."""

    @abstractmethod
    async def clear(self) -> None:
        """Remove all aggregates, so that everything is added again."""
