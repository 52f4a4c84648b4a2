"""The PD distribution of a period's decisions, with the cut-offs of the policy in force."""

from domain.monitoring.overview import BANDS, Overview
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.shared.column_chart import Column, ColumnChart, Mark, Segment, gridlines_up_to
from entrypoints.ui.shared.formats import counted, in_percent, number, percent
from entrypoints.ui.shared.table import Table


def pd_chart(overview: Overview, policy: ScoringPolicy) -> ColumnChart:
    """A histogram that covers all decisions and the cut-offs."""
    highest = max((band for band, count in enumerate(overview.bands) if count), default=0) + 1
    shown = min(BANDS, -(-max(highest, int(policy.decline_from * 150)) // 5) * 5)
    bands = overview.bands[:shown]
    top, gridlines = gridlines_up_to(max(bands))
    columns = tuple(
        Column(
            (Segment(_zone(band / BANDS, policy), round(100 * count / top, 2)),) if count else (),
            f"PD {_band(band)}: {counted(count, 'decision', 'decisions')}",
        )
        for band, count in enumerate(bands)
    )
    every = 5 if shown <= 40 else 10 if shown <= 70 else 20
    limits = dict.fromkeys((policy.approve_below, policy.decline_from))
    return ColumnChart(
        columns=columns,
        gridlines=gridlines,
        labels=tuple(Mark(100 * band / shown, percent(band / BANDS, 0)) for band in range(0, shown + 1, every)),
        cut_offs=tuple(Mark(round(100 * BANDS * limit / shown, 2), in_percent(100 * limit)) for limit in limits),
        description=_pd_description(overview, policy),
    )


def _zone(pd: float, policy: ScoringPolicy) -> str:
    if pd < policy.approve_below:
        return Outcome.APPROVED.value
    return Outcome.REFERRED.value if pd < policy.decline_from else Outcome.DECLINED.value


def _pd_description(overview: Overview, policy: ScoringPolicy) -> str:
    filled = [band for band, count in enumerate(overview.bands) if count]
    limits = " and ".join(in_percent(100 * limit) for limit in (policy.approve_below, policy.decline_from))
    if not filled:
        return "No decisions."
    fullest = max(filled, key=overview.bands.__getitem__)
    return (
        f"Decisions by probability of default, from {in_percent(filled[0])} to {in_percent(filled[-1] + 1)}; "
        f"most decisions are in the band {_band(fullest)}. Cut-offs at {limits}."
    )


def pd_note(overview: Overview, policy: ScoringPolicy) -> str:
    """The cut-offs in words, and whether other policies with other cut-offs decided too."""
    approve_below, decline_from = (
        in_percent(100 * limit) for limit in (policy.approve_below, policy.decline_from)
    )
    note = f"Policy {policy.version}: approve under {approve_below}, decline from {decline_from}, before rules."
    others = {version.policy_version for version in overview.versions} - {policy.version}
    return note + " Decisions under other policies used other cut-offs." * bool(others)


def _band(band: int) -> str:
    return f"{band} to {percent((band + 1) / BANDS, 0)}"


def pd_table(overview: Overview) -> Table:
    """The bands that contain decisions."""
    total = overview.outcomes.total
    rows = tuple(
        (_band(band), number(count, 0), percent(count / total))
        for band, count in enumerate(overview.bands)
        if count
    )
    return Table("Decisions by probability of default", ("PD", "Decisions", "Share"), rows)
