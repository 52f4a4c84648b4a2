"""The distribution of the PD over the decisions of a period, held against the cut-offs of the policy in force."""

from domain.monitoring.overview import BANDS, Overview
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.shared.columns import Column, Columns, Mark, Part, lines_up_to
from entrypoints.ui.shared.formats import counted, in_percent, number, percent
from entrypoints.ui.shared.table import Table


def pds(overview: Overview, policy: ScoringPolicy) -> Columns:
    """Bands as far as decisions reach, and beyond the cut-offs."""
    reach = max((band for band, count in enumerate(overview.bands) if count), default=0) + 1
    shown = min(BANDS, -(-max(reach, int(policy.decline_from * 150)) // 5) * 5)
    bands = overview.bands[:shown]
    top, lines = lines_up_to(max(bands))
    columns = tuple(
        Column(
            (Part(_zone(band / BANDS, policy), round(100 * count / top, 2)),) if count else (),
            f"PD {_band(band)}: {counted(count, 'decision', 'decisions')}",
        )
        for band, count in enumerate(bands)
    )
    every = 5 if shown <= 40 else 10 if shown <= 70 else 20
    limits = dict.fromkeys((policy.approve_below, policy.decline_from))
    return Columns(
        columns=columns,
        lines=lines,
        labels=tuple(Mark(100 * band / shown, percent(band / BANDS, 0)) for band in range(0, shown + 1, every)),
        cut_offs=tuple(Mark(round(100 * BANDS * limit / shown, 2), in_percent(100 * limit)) for limit in limits),
        description=_pd_description(overview, policy),
    )


def _zone(pd: float, policy: ScoringPolicy) -> str:
    if pd < policy.approve_below:
        return Outcome.APPROVED.value
    return Outcome.REFERRED.value if pd < policy.decline_from else Outcome.DECLINED.value


def _pd_description(overview: Overview, policy: ScoringPolicy) -> str:
    found = [band for band, count in enumerate(overview.bands) if count]
    limits = " and ".join(in_percent(100 * limit) for limit in (policy.approve_below, policy.decline_from))
    if not found:
        return "No decisions."
    fullest = max(found, key=overview.bands.__getitem__)
    return (
        f"Decisions by probability of default, from {in_percent(found[0])} to {in_percent(found[-1] + 1)}; "
        f"the fullest band is {_band(fullest)}. Cut-offs at {limits}."
    )


def pd_note(overview: Overview, policy: ScoringPolicy) -> str:
    """What the cut-offs mean, and whether they were everybody's."""
    note = f"Policy {policy.version} approves below the first line and declines from the second on, rules aside."
    others = {version.policy_version for version in overview.versions} - {policy.version}
    return note + " Decisions under other policies were held against other cut-offs." * bool(others)


def _band(band: int) -> str:
    return f"{band} to {percent((band + 1) / BANDS, 0)}"


def pd_table(overview: Overview) -> Table:
    """The bands that hold decisions."""
    total = overview.outcomes.total
    rows = tuple(
        (_band(band), number(count, 0), percent(count / total))
        for band, count in enumerate(overview.bands)
        if count
    )
    return Table("Decisions by probability of default", ("PD", "Decisions", "Share"), rows)
