"""Figures of what people decided in a period, compared with what the system had decided."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from domain.cases.override import OverrideType
from domain.monitoring.period import Period
from domain.monitoring.share import NO_SHARE, Share
from domain.policies.final_outcome import FinalOutcome

UNKNOWN = ""
"""The purpose or source of applications that state none."""


@dataclass(frozen=True, slots=True)
class OverrideCell:
    """Final decisions with these values in common: their number, and how many of them had an own view and so on.

    `own_views` were entered before the recommendation was shown, and `own_views_agreed` were equal to it.
    """

    officer: str
    reason: str
    grade: str
    purpose: str
    source: str
    override: OverrideType
    outcome: FinalOutcome
    decisions: int
    second_approvals: int = 0
    own_views: int = 0
    own_views_agreed: int = 0


@dataclass(frozen=True, slots=True)
class OverrideGroup:
    """The final decisions of one officer, reason or segment, by type of override."""

    name: str
    counts: Mapping[OverrideType, int]
    counter_offers: int

    @property
    def decisions(self) -> int:
        """All final decisions of the group."""
        return sum(self.counts.values())

    @property
    def overrides(self) -> Share:
        """How many of them differ from the system's decision."""
        return Share(self.decisions - self.counts.get(OverrideType.AGREED, 0), self.decisions)

    def share(self, override: OverrideType) -> Share:
        """The share of a type."""
        return Share(self.counts.get(override, 0), self.decisions)


@dataclass(frozen=True, slots=True)
class DwellTimes:
    """How long makers had their cases, in seconds; None without final decisions."""

    median: float | None = None
    ninetieth_percentile: float | None = None


@dataclass(frozen=True, slots=True)
class OverrideEvents:
    """What happened on cases within the period, by its own time.

    `quality` is the share of quality reviews whose reviewer disagreed. A breach is a due time that passed.
    """

    second_approvals_refused: int = 0
    breaches: int = 0
    quality_disagreed: Share = NO_SHARE
    dwell: DwellTimes = DwellTimes()


@dataclass(frozen=True, slots=True)
class OverrideFigures:
    """The figures of a period. Groups have the one with most decisions first."""

    period: Period
    total: OverrideGroup
    officers: tuple[OverrideGroup, ...]
    reasons: tuple[OverrideGroup, ...]
    segments: Mapping[str, tuple[OverrideGroup, ...]]
    second_approvals: int
    own_views_agreed: Share
    events: OverrideEvents = field(default_factory=OverrideEvents)

    @classmethod
    def of(cls, period: Period, cells: Iterable[OverrideCell], events: OverrideEvents) -> "OverrideFigures":
        """The figures of cells; several may have the same values."""
        found = tuple(cells)
        return cls(
            period,
            _group("", found),
            _groups(found, lambda cell: cell.officer),
            _groups(found, lambda cell: cell.reason),
            {
                "grade": _groups(found, lambda cell: cell.grade),
                "purpose": _groups(found, lambda cell: cell.purpose),
                "source": _groups(found, lambda cell: cell.source),
            },
            sum(cell.second_approvals for cell in found),
            Share(sum(cell.own_views_agreed for cell in found), sum(cell.own_views for cell in found)),
            events,
        )


def _groups(cells: Iterable[OverrideCell], name_of: Callable[[OverrideCell], str]) -> tuple[OverrideGroup, ...]:
    by_name: dict[str, list[OverrideCell]] = {}
    for cell in cells:
        by_name.setdefault(name_of(cell), []).append(cell)
    groups = [_group(name, members) for name, members in by_name.items()]
    return tuple(sorted(groups, key=lambda group: (-group.decisions, group.name)))


def _group(name: str, cells: Iterable[OverrideCell]) -> OverrideGroup:
    counts, counter_offers = dict.fromkeys(OverrideType, 0), 0
    for cell in cells:
        counts[cell.override] += cell.decisions
        counter_offers += cell.decisions if cell.outcome is FinalOutcome.COUNTER_OFFER else 0
    return OverrideGroup(name, counts, counter_offers)
