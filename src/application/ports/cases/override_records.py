"""Final decisions, counted and listed for those who watch overrides."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.cases.override import OverrideType
from domain.cases.override_figures import OverrideFigures
from domain.monitoring.period import Period
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome


@dataclass(frozen=True, slots=True)
class OverrideFilter:
    """Criteria for final decisions; None means any. A purpose or source may be "": not stated."""

    officer: str | None = None
    reason: str | None = None
    override: OverrideType | None = None
    grade: str | None = None
    purpose: str | None = None
    source: str | None = None


ANY_FINAL_DECISION = OverrideFilter()


@dataclass(frozen=True, slots=True)
class ListedOverride:
    """A final decision in a list, as its columns have it."""

    decision_id: UUID
    case_id: UUID
    decided_at: datetime
    system_outcome: Outcome
    outcome: FinalOutcome
    override: OverrideType
    reason: str
    officer: str
    checker: str | None
    grade: str


class OverrideRecords(Protocol):
    """Reads final decisions by the time at which people decided. Raises DependencyUnavailable."""

    @abstractmethod
    async def over(self, period: Period, wanted: OverrideFilter = ANY_FINAL_DECISION) -> OverrideFigures:
        """The figures of the final decisions of a period that match; its events are those of all cases."""

    @abstractmethod
    async def newest(self, period: Period, wanted: OverrideFilter, *, limit: int) -> Sequence[ListedOverride]:
        """The newest final decisions of a period that match."""
