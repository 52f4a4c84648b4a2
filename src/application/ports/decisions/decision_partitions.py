"""Partitions of the recorded decisions by month."""

from abc import abstractmethod
from typing import Protocol

from domain.month import Month


class DecisionPartitions(Protocol):
    """Creates partitions. Decisions of a month without one are stored in a default partition.

    Raises DependencyUnavailable if the storage does not answer or is too busy.
    """

    @abstractmethod
    async def create(self, month: Month, *, max_moved: int | None = None) -> bool:
        """Create the partition of a month unless it exists, and return whether it exists now.

        Decisions of the month that are in the default partition move to the new one, and meanwhile no decision can
        be recorded in the default partition. If there are more than `max_moved`, nothing is done.
        """
