"""The outcomes of a period by hour or day, as charts and a table."""

from datetime import datetime

from domain.monitoring.overview import Outcomes, Overview
from domain.monitoring.period import DAY
from domain.policies.outcome import Outcome
from entrypoints.ui.monitoring.comparison import count_text
from entrypoints.ui.monitoring.drill_down import DrillDown
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.column_chart import Column, ColumnChart, Mark, Segment, axis_labels, gridlines_up_to
from entrypoints.ui.shared.formats import counted, number, percent
from entrypoints.ui.shared.table import Cell, Link, Table


def step_name(overview: Overview) -> str:
    """The length of the steps: day or hour."""
    return "day" if overview.period.step == DAY else "hour"


def trend_chart(
    overview: Overview, before: Overview | None, lead: DrillDown, *, shares: bool = False
) -> ColumnChart:
    """Columns of counts, with the totals of the period before as lines, or of shares."""
    step, starts = step_name(overview), overview.period.steps
    most = max(outcomes.total for outcomes in overview.course)
    former = [None] * len(starts) if before is None else [outcomes.total for outcomes in before.course]
    top, gridlines = gridlines_up_to(max(most, *(count or 0 for count in former)))
    if shares:
        gridlines = tuple(Mark(at, percent(at / 100, 0)) for at in (0, 25, 50, 75, 100))
    columns = tuple(
        Column(
            _segments(outcomes, (outcomes.total or 1) if shares else top),
            f"{_when(start, step)}: {count_text(outcomes.total, count)} ({_outcome_counts(outcomes)})",
            round(100 * count / top, 2) if count and not shares else None,
            lead.to_step(start) if outcomes.total else "",
        )
        for start, outcomes, count in zip(starts, overview.course, former, strict=True)
    )
    title = "Share of outcomes" if shares else "Decisions by outcome"
    compared = "" if before is None else f" {number(before.outcomes.total, 0)} in the period before."
    return ColumnChart(
        columns=columns,
        gridlines=gridlines,
        labels=axis_labels([_when(start, step) for start in starts]),
        cut_offs=(),
        description=f"{title} per {step}: {_outcome_counts(overview.outcomes)}; "
        f"at most {counted(most, 'decision', 'decisions')} per {step}.{compared}",
        axes=("Share of decisions" if shares else "Decisions", f"{step.capitalize()} (UTC)"),
    )


def trend_table(overview: Overview, before: Overview | None, lead: DrillDown) -> Table:
    """The figures of the charts; each count leads to its decisions."""
    step, rows = step_name(overview), []
    former = [] if before is None else [number(outcomes.total, 0) for outcomes in before.course]
    for index, (start, outcomes) in enumerate(zip(overview.period.steps, overview.course, strict=True)):
        total = outcomes.total
        cells = [_linked(number(total, 0), total, lead.to_step(start))]
        for outcome in Outcome:
            count = outcomes.count(outcome)
            text = count_and_share(count, total)
            cells.append(_linked(text, count, lead.to_step(start, outcome=outcome.value)))
        rows.append((_when(start, step), *cells, *former[index : index + 1]))
    headings = (f"{step.capitalize()} (UTC)", "Decisions", *(labels.OUTCOMES[outcome] for outcome in Outcome))
    if before is not None:
        headings = (*headings, "Before")
    return Table(f"Decisions by outcome per {step}", headings, tuple(rows))


def count_and_share(count: int, total: int) -> str:
    """12 (34 %); 0 without decisions."""
    return f"{number(count, 0)} ({percent(count / total, 0)})" if total else "0"


def _linked(text: str, count: int, href: str) -> Cell:
    return Link(text, href) if count else text


def _segments(outcomes: Outcomes, top: int) -> tuple[Segment, ...]:
    return tuple(
        Segment(outcome.value, round(100 * count / top, 2))
        for outcome in Outcome
        if (count := outcomes.count(outcome))
    )


def _outcome_counts(outcomes: Outcomes) -> str:
    return ", ".join(
        f"{number(outcomes.count(outcome), 0)} {labels.OUTCOMES[outcome].lower()}" for outcome in Outcome
    )


def _when(start: datetime, step: str) -> str:
    return f"{start.day} {start:%b}" if step == "day" else f"{start:%H:%M}"
