"""Links from the overview to the list of the decisions that a figure counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.monitoring.overview_filter import OverviewFilter
from domain.monitoring.period import Period
from entrypoints.ui.decisions.decision_search import address_of


@dataclass(frozen=True, slots=True)
class DrillDown:
    """Leads to the decisions of a period that match a filter."""

    period: Period
    wanted: OverviewFilter

    def to(self, **criteria: str) -> str:
        """The address of the decisions that also meet these criteria, by their names in the list."""
        return self._address(self.period.start, self.period.end, criteria)

    def to_step(self, start: datetime, **criteria: str) -> str:
        """The same for the part of the step that is within the period."""
        end = min(start + self.period.step, self.period.end)
        return self._address(max(start, self.period.start), end, criteria)

    def _address(self, start: datetime, end: datetime, criteria: Mapping[str, str]) -> str:
        times = {"from": start.isoformat(), "to": end.isoformat()}
        return address_of(list_criteria(self.wanted) | times | dict(criteria))


def list_criteria(wanted: OverviewFilter) -> dict[str, str | None]:
    """The criteria of an overview by their names in the list of decisions."""
    return {
        "grade": wanted.grade,
        "channel": wanted.channel,
        "received": wanted.received_through,
        "source": wanted.source,
        "trial": None if wanted.include_trials else "no",
    }
