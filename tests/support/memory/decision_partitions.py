"""Partitions in memory."""

from collections import Counter
from collections.abc import Iterable

from application.ports.decisions.decision_partitions import DecisionPartitions
from domain.month import Month


class MemoryDecisionPartitions(DecisionPartitions):
    """The partitions that exist; `strays` are the months of decisions in the default partition."""

    def __init__(self, strays: Iterable[Month] = ()) -> None:
        self.made: list[Month] = []
        self.strays = Counter(strays)

    async def create(self, month: Month, *, max_moved: int | None = None) -> bool:
        if month in self.made:
            return True
        if max_moved is not None and self.strays[month] > max_moved:
            return False
        del self.strays[month]
        self.made.append(month)
        return True
