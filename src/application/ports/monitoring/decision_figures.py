"""Figures of recorded decisions, counted in the storage."""

from abc import abstractmethod
from typing import Protocol

from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter, OverviewNames
from domain.monitoring.period import Period


class DecisionFigures(Protocol):
    """Counts recorded decisions; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def over(self, period: Period, wanted: OverviewFilter = DEFAULT_FILTER) -> Overview:
        """The overview of the decisions made within the period that match, from one snapshot."""

    @abstractmethod
    async def names(self) -> OverviewNames:
        """The channels and sources to choose from."""
