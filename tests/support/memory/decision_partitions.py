"""Months of decisions, in the process."""

from collections import Counter
from collections.abc import Iterable

from application.ports.decisions.decision_partitions import DecisionPartitions
from domain.month import Month


class MemoryDecisionPartitions(DecisionPartitions):
    """Which months are made; `strays` are the months of decisions that lie with those of no month."""

    def __init__(self, strays: Iterable[Month] = ()) -> None:
        self.made: list[Month] = []
        self.strays = Counter(strays)

    async def create(self, month: Month, *, max_moved: int | None = None) -> bool:
        """Make a month."""
        if month in self.made:
            return True
        if max_moved is not None and self.strays[month] > max_moved:
            return False
        del self.strays[month]
        self.made.append(month)
        return True
