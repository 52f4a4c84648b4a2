"""The overview as text, figures, charts and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.use_cases.monitoring.read_overview import DatedOverview
from domain.applications.money import Money
from domain.monitoring.overview import Outcomes, Overview
from domain.monitoring.period import DAY
from domain.policies.outcome import Confidence, Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.decisions.decision_view import Figure
from entrypoints.ui.monitoring.pd_bands import pd_chart, pd_note, pd_table
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.column_chart import Column, ColumnChart, Mark, Segment, axis_labels, gridlines_up_to
from entrypoints.ui.shared.formats import counted, money, number, percent, rounded_money, timestamp
from entrypoints.ui.shared.table import Table


@dataclass(frozen=True, slots=True)
class Share:
    """A share of all decisions: `length` is percent of the bar, `style` its color."""

    label: str
    count: str
    share: str
    length: float
    style: str = ""


@dataclass(frozen=True, slots=True)
class OverviewView:
    """The content of the page. `trend` shows counts per hour or day, `trend_shares` shares of each."""

    as_of: str
    period: str
    empty: bool
    figures: tuple[Figure, ...]
    outcomes: tuple[Share, ...]
    step: str
    trend: ColumnChart
    trend_shares: ColumnChart
    trend_table: Table
    pd_chart: ColumnChart
    pd_note: str
    pd_table: Table
    reasons: tuple[Share, ...]
    confidences: tuple[Share, ...]
    outside: Share
    versions: Table


def overview_view(
    dated: DatedOverview, policies: Sequence[ScoringPolicy], product: ProductDefinition
) -> OverviewView:
    """The view; `policies` are those that decided in the period, whose cut-offs are drawn."""
    overview = dated.overview
    total = overview.outcomes.total
    step = "day" if overview.period.step == DAY else "hour"
    return OverviewView(
        as_of=f"As of {timestamp(dated.as_of)}",
        period=_period(overview),
        empty=total == 0,
        figures=_figures(overview),
        outcomes=tuple(
            _share(labels.OUTCOMES[each], overview.outcomes.count(each), total, each.value) for each in Outcome
        ),
        step=step,
        trend=_trend(overview, step),
        trend_shares=_trend(overview, step, shares=True),
        trend_table=_trend_table(overview, step),
        pd_chart=pd_chart(overview, policies),
        pd_note=pd_note(overview, policies),
        pd_table=pd_table(overview),
        reasons=_reasons(overview, product),
        confidences=tuple(
            _share(labels.CONFIDENCES[each], overview.confidences[each], total) for each in Confidence
        ),
        outside=_share("Outside training range", overview.outside_domain, total),
        versions=_versions(overview),
    )


def _period(overview: Overview) -> str:
    period = overview.period
    last = period.end - timedelta(microseconds=1)
    if period.step != DAY:
        return f"{timestamp(period.start)} to {timestamp(period.end)}"
    return f"{_date(period.start)} to {_date(last)} (UTC)"


def _figures(overview: Overview) -> tuple[Figure, ...]:
    total, mean = overview.outcomes.total, overview.mean_pd
    if mean is None:
        return ()
    requested, recommended = overview.requested, overview.recommended
    share = recommended.cents / requested.cents if requested.cents else 0.0
    return (
        Figure("Decisions", number(total, 0), _decisions_per_step(overview)),
        Figure("Mean probability of default", percent(mean), "All applications"),
        Figure("Requested", rounded_money(requested), f"{_mean_amount(requested, total)} per decision"),
        Figure("Recommended", rounded_money(recommended), f"{percent(share, 0)} of requested amount"),
    )


def _decisions_per_step(overview: Overview) -> str:
    steps = len(overview.course)
    return f"{number(overview.outcomes.total / steps, 0 if overview.outcomes.total > 9 * steps else 1)} " + (
        "per day" if overview.period.step == DAY else "per hour"
    )


def _mean_amount(amount: Money, count: int) -> str:
    return money(Money(amount.cents // count // 100 * 100))


def _share(label: str, count: int, total: int, style: str = "") -> Share:
    share = count / total if total else 0.0
    return Share(label, number(count, 0), percent(share), round(100 * share, 2), style)


def _trend(overview: Overview, step: str, *, shares: bool = False) -> ColumnChart:
    starts = overview.period.steps
    most = max(outcomes.total for outcomes in overview.course)
    top, gridlines = gridlines_up_to(most)
    if shares:
        gridlines = tuple(Mark(at, percent(at / 100, 0)) for at in (0, 25, 50, 75, 100))
    columns = tuple(
        Column(
            _segments(outcomes, (outcomes.total or 1) if shares else top),
            f"{_when(start, step)}: {_outcome_counts(outcomes)}",
        )
        for start, outcomes in zip(starts, overview.course, strict=True)
    )
    title = "Share of outcomes" if shares else "Decisions by outcome"
    return ColumnChart(
        columns=columns,
        gridlines=gridlines,
        labels=axis_labels([_when(start, step) for start in starts]),
        cut_offs=(),
        description=f"{title} per {step}: {_outcome_counts(overview.outcomes)}; "
        f"at most {counted(most, 'decision', 'decisions')} per {step}.",
    )


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


def _trend_table(overview: Overview, step: str) -> Table:
    rows = []
    for start, outcomes in zip(overview.period.steps, overview.course, strict=True):
        total = outcomes.total
        cells = (_count_and_share(outcomes.count(outcome), total) for outcome in Outcome)
        rows.append((_when(start, step), number(total, 0), *cells))
    headings = (step.capitalize(), "Decisions", *(labels.OUTCOMES[outcome] for outcome in Outcome))
    return Table(f"Decisions by outcome per {step}", headings, tuple(rows))


def _count_and_share(count: int, total: int) -> str:
    return f"{number(count, 0)} ({percent(count / total, 0)})" if total else "0"


def _reasons(overview: Overview, product: ProductDefinition) -> tuple[Share, ...]:
    total = overview.outcomes.total
    most = max((count for _, count in overview.reasons), default=1)
    return tuple(
        Share(
            product.reasons.get(code, code),
            number(count, 0),
            percent(count / total),
            round(100 * count / most, 2),
        )
        for code, count in overview.reasons
    )


def _versions(overview: Overview) -> Table:
    rows = []
    for version in overview.versions:
        total = version.outcomes.total
        cells: Sequence[str] = [_count_and_share(version.outcomes.count(outcome), total) for outcome in Outcome]
        rows.append(
            (version.model_version, version.policy_version, number(total, 0), *cells, percent(version.mean_pd))
        )
    headings = ("Model", "Policy", "Decisions", *(labels.OUTCOMES[outcome] for outcome in Outcome), "Mean PD")
    return Table("Decisions by model and policy", headings, tuple(rows))


def _when(start: datetime, step: str) -> str:
    return f"{start.day} {start:%b}" if step == "day" else f"{start:%H:%M}"


def _date(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"
