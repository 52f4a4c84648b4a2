"""Months: decisions on record are kept apart by the month they were made in."""

from abc import abstractmethod
from typing import Protocol

from domain.month import Month


class DecisionPartitions(Protocol):
    """Keeps each month's decisions apart once the month is made; all others are kept together, and found as well.

    Raises DependencyUnavailable when the storage does not answer, or is too busy at this moment.
    """

    @abstractmethod
    async def create(self, month: Month, *, max_moved: int | None = None) -> bool:
        """Keep a month's decisions apart from now on; whether they are. Made already, it stays as it is.

        Decisions of that month on record already move there, and while they do no other decision can be recorded
        with those of no month. With more than `max_moved` of them nothing is done.
        """
