"""Override figures as text, bars and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from application.use_cases.cases.read_overrides import MAX_LISTED, Overrides
from domain.cases.override import OverrideType
from domain.cases.override_figures import OverrideGroup
from domain.monitoring.share import Share as Part
from entrypoints.ui.monitoring.overview_view import Total
from entrypoints.ui.monitoring.shares import Share
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import counted, number, percent
from entrypoints.ui.shared.table import Cell, Link, Table
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

MEANINGS = (
    "Low side: approved although the score would not. High side: declined although the score would approve. "
    "Policy exception: approved although a rule was not met."
)
_NOT_STATED = "Not stated"
_HEADINGS = ("Decisions", "Agreed", "Low side", "High side", "Exceptions", "Counter-offers", "Overrides")
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class OverridesView:
    """The content of the page. Each table has a title; names lead to the figures of that name alone."""

    empty: bool
    figures: tuple[Total, ...]
    types: tuple[Share, ...]
    tables: tuple[tuple[str, Table], ...]
    newest: Table
    newest_note: str
    as_of: Moment


class Links:
    """The addresses of the page with one more criterion."""

    def __init__(self, address_with: Mapping[str, str], path: str) -> None:
        self._given, self._path = dict(address_with), path

    def to(self, name: str, value: str) -> str:
        """The page restricted to this value."""
        return f"{self._path}?{urlencode(self._given | {name: value})}"


def overrides_view(
    found: Overrides, links: Links, reasons: Mapping[str, str], zone: ZoneInfo = UTC_ZONE
) -> OverridesView:
    """The view of figures and the newest final decisions, with the texts of reasons and times in the zone."""
    figures, events, total = found.figures, found.figures.events, found.figures.total
    return OverridesView(
        empty=not (total.decisions or events.breaches or events.second_approvals_refused),
        figures=(
            Total(
                "Decided by people",
                number(total.decisions, 0),
                counted(total.counter_offers, "counter-offer", "counter-offers"),
            ),
            Total("Overrides", _rate(total.overrides), _interval(total.overrides)),
            Total(
                "Second approvals",
                number(figures.second_approvals, 0),
                f"{number(events.second_approvals_refused, 0)} refused",
            ),
            Total(
                "Time to decide",
                _duration(events.dwell.median),
                f"Median; 90 % within {_duration(events.dwell.ninetieth_percentile)}",
            ),
            Total("Passed due times", number(events.breaches, 0), "Cases not finished in time"),
            Total(
                "Own view agreed", _rate(figures.own_views_agreed), _of(figures.own_views_agreed, "view", "views")
            ),
            Total(
                "Quality review disagreed",
                _rate(events.quality_disagreed),
                _of(events.quality_disagreed, "review", "reviews"),
            ),
        ),
        types=tuple(_type(each, total) for each in OverrideType),
        tables=(
            ("By officer", _table("Overrides by officer", "Officer", figures.officers, "officer", links)),
            (
                "By reason",
                _table("Overrides by reason", "Reason", figures.reasons, "reason", links, texts=reasons),
            ),
            *(
                (f"By {name}", _table(f"Overrides by {name}", name.capitalize(), groups, name, links))
                for name, groups in figures.segments.items()
            ),
        ),
        newest=_newest(found, reasons, zone),
        newest_note=f"At most {MAX_LISTED}" if len(found.newest) == MAX_LISTED else "Newest first",
        as_of=Moment.of(found.as_of, zone),
    )


def _type(override: OverrideType, total: OverrideGroup) -> Share:
    part = total.share(override)
    return Share(
        labels.OVERRIDE_TYPES[override], number(part.count, 0), _rate(part), round(100 * (part.rate or 0.0), 2)
    )


def _table(
    caption: str,
    name: str,
    groups: Sequence[OverrideGroup],
    criterion: str,
    links: Links,
    *,
    texts: Mapping[str, str] | None = None,
) -> Table:
    return Table(
        caption, (name, *_HEADINGS), tuple(_row(group, criterion, links, texts or {}) for group in groups)
    )


def _row(group: OverrideGroup, criterion: str, links: Links, texts: Mapping[str, str]) -> tuple[Cell, ...]:
    counts = [number(group.counts.get(each, 0), 0) for each in OverrideType]
    share = f"{_rate(group.overrides)} ({_interval(group.overrides)})"
    return (
        Link(texts.get(group.name) or _shown(group.name, criterion), links.to(criterion, group.name)),
        number(group.decisions, 0),
        *counts,
        number(group.counter_offers, 0),
        share,
    )


def _shown(name: str, criterion: str) -> str:
    """A name as people read it: purposes are stored as `credit_card`."""
    return (name.replace("_", " ").capitalize() if criterion == "purpose" else name) or _NOT_STATED


def _newest(found: Overrides, reasons: Mapping[str, str], zone: ZoneInfo) -> Table:
    rows = tuple(
        (
            Link(Moment.of(each.decided_at, zone).local, f"/cases/{each.case_id}"),
            labels.OUTCOMES[each.system_outcome],
            Link(labels.FINAL_OUTCOMES[each.outcome], f"/decisions/{each.decision_id}"),
            labels.OVERRIDE_TYPES[each.override],
            reasons.get(each.reason, each.reason),
            each.officer,
            each.checker or "None",
            each.grade,
        )
        for each in found.newest
    )
    headings = ("Decided", "System", "Final", "Type", "Reason", "Officer", "Second person", "Grade")
    return Table("Final decisions, newest first", headings, rows)


def _rate(part: Part) -> str:
    return "None yet" if part.rate is None else percent(part.rate)


def _interval(part: Part) -> str:
    if part.interval is None:
        return "No decisions"
    low, high = part.interval
    return f"95 % interval {percent(low, 0)} to {percent(high, 0)}"


def _of(part: Part, one: str, many: str) -> str:
    return f"Of {number(part.total, 0)} {one if part.total == 1 else many}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "none yet"
    if seconds < _HOUR:
        return f"{number(seconds / _MINUTE, 0)} min"
    return f"{number(seconds / _HOUR, 1)} h"
