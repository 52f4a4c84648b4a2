"""Figures of the decisions on record, counted where they lie."""

from abc import abstractmethod
from typing import Protocol

from domain.monitoring.overview import Overview
from domain.monitoring.period import Period


class DecisionFigures(Protocol):
    """Counts decisions on record; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def over(self, period: Period) -> Overview:
        """What the decisions come to that were made within the period, all as of one moment."""
