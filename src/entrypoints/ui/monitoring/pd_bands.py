"""The PD distribution of a period's decisions, with the cut-offs of the policies that made them."""

from collections.abc import Sequence

from domain.monitoring.overview import BANDS, Overview
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.monitoring.drill_down import DrillDown
from entrypoints.ui.shared.column_chart import Column, ColumnChart, Mark, Segment, gridlines_up_to
from entrypoints.ui.shared.formats import counted, in_percent, number, percent
from entrypoints.ui.shared.table import Cell, Link, Table

_MIXED = "mixed"
"""The style of bands in which the scores of several policies lead to different outcomes, or no policy is known."""


def pd_chart(
    overview: Overview, before: Overview | None, policies: Sequence[ScoringPolicy], lead: DrillDown
) -> ColumnChart:
    """A histogram that covers all decisions and the cut-offs, with that of the period before as lines."""
    highest = max((band for band, count in enumerate(overview.bands) if count), default=0) + 1
    limits = _limits(policies)
    shown = min(BANDS, -(-max(highest, int(max(limits, default=0.1) * 150)) // 5) * 5)
    bands = overview.bands[:shown]
    former: Sequence[int | None] = [None] * shown if before is None else before.bands[:shown]
    top, gridlines = gridlines_up_to(max((*bands, *(count or 0 for count in former))))
    columns = tuple(
        Column(
            (Segment(_zone(band / BANDS, policies), round(100 * count / top, 2)),) if count else (),
            f"PD {_band(band)}: {counted(count, 'decision', 'decisions')}{_before(former[band])}",
            round(100 * then / top, 2) if (then := former[band]) else None,
            _decisions_in(band, lead) if count else "",
        )
        for band, count in enumerate(bands)
    )
    every = 5 if shown <= 40 else 10 if shown <= 70 else 20
    return ColumnChart(
        columns=columns,
        gridlines=gridlines,
        labels=tuple(Mark(100 * band / shown, percent(band / BANDS, 0)) for band in range(0, shown + 1, every)),
        cut_offs=tuple(Mark(round(100 * BANDS * limit / shown, 2), in_percent(100 * limit)) for limit in limits),
        description=_pd_description(overview, limits),
        axes=("Decisions", "Probability of default"),
    )


def _limits(policies: Sequence[ScoringPolicy]) -> list[float]:
    return sorted({limit for policy in policies for limit in (policy.approve_below, policy.decline_from)})


def _zone(pd: float, policies: Sequence[ScoringPolicy]) -> str:
    zones = {_outcome(pd, policy).value for policy in policies}
    return zones.pop() if len(zones) == 1 else _MIXED


def _outcome(pd: float, policy: ScoringPolicy) -> Outcome:
    if pd < policy.approve_below:
        return Outcome.APPROVED
    return Outcome.REFERRED if pd < policy.decline_from else Outcome.DECLINED


def _pd_description(overview: Overview, limits: Sequence[float]) -> str:
    filled = [band for band, count in enumerate(overview.bands) if count]
    if not filled:
        return "No decisions."
    fullest = max(filled, key=overview.bands.__getitem__)
    text = (
        f"Decisions by probability of default, from {in_percent(filled[0])} to {in_percent(filled[-1] + 1)}; "
        f"most decisions are in the band {_band(fullest)}."
    )
    return text + f" Cut-offs at {' and '.join(in_percent(100 * limit) for limit in limits)}." * bool(limits)


def pd_note(overview: Overview, policies: Sequence[ScoringPolicy]) -> str:
    """The cut-offs of each policy in words, and which policies are not known."""
    notes = [
        f"Policy {policy.version}: approve under {in_percent(100 * policy.approve_below)}, decline from "
        f"{in_percent(100 * policy.decline_from)}, before rules."
        for policy in policies
    ]
    unknown = {version.policy_version for version in overview.versions} - {policy.version for policy in policies}
    notes += [f"The cut-offs of policy {version} are not archived." for version in sorted(unknown)]
    return " ".join(notes)


def _band(band: int) -> str:
    return f"{band} to {percent((band + 1) / BANDS, 0)}"


def _count(band: int, count: int, lead: DrillDown) -> Cell:
    text = number(count, 0)
    return Link(text, _decisions_in(band, lead)) if count else text


def _decisions_in(band: int, lead: DrillDown) -> str:
    edges = {"pd_from": band / BANDS, "pd_to": (band + 1) / BANDS}
    return lead.to(**{name: str(edge) for name, edge in edges.items() if 0 < edge < 1})


def _before(count: int | None) -> str:
    return "" if count is None else f", before {number(count, 0)}"


def pd_table(overview: Overview, before: Overview | None, lead: DrillDown) -> Table:
    """The bands that contain decisions, in this period or before."""
    total = overview.outcomes.total
    former: Sequence[int | None] = [None] * BANDS if before is None else before.bands
    rows = tuple(
        (
            _band(band),
            _count(band, count, lead),
            percent(count / total),
            *([] if then is None else [number(then, 0)]),
        )
        for band, (count, then) in enumerate(zip(overview.bands, former, strict=True))
        if count or then
    )
    headings = ("PD", "Decisions", "Share", *([] if before is None else ["Before"]))
    return Table("Decisions by probability of default", headings, rows)
