"""The overview as text, figures, charts and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from application.use_cases.monitoring.read_overview import DatedOverview
from domain.applications.money import Money
from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.monitoring.period import DAY
from domain.policies.circumstance_measures import reason_texts
from domain.policies.outcome import Confidence, Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.monitoring.comparison import count_before, share_before
from entrypoints.ui.monitoring.drill_down import DrillDown
from entrypoints.ui.monitoring.pd_bands import pd_chart, pd_note, pd_table
from entrypoints.ui.monitoring.shares import Share, Shares, final_outcome_shares
from entrypoints.ui.monitoring.trend import count_and_share, step_name, trend_chart, trend_table
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.column_chart import ColumnChart
from entrypoints.ui.shared.formats import money, number, percent, rounded_money, timestamp
from entrypoints.ui.shared.table import Cell, Link, Table
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of the period, and the same figure of the period before as text."""

    label: str
    value: str
    note: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class OverviewView:
    """The content of the page. `trend` shows counts per hour or day, `trend_shares` shares of each.

    `final_outcomes` are what became of the decisions after people decided; none if no person did.
    `compared` is the period before, which has figures if `has_before`.
    """

    as_of: Moment
    period: str
    compared: str
    has_before: bool
    empty: bool
    figures: tuple[Total, ...]
    outcomes: tuple[Share, ...]
    final_outcomes: tuple[Share, ...]
    final_note: str
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
    dated: DatedOverview,
    policies: Sequence[ScoringPolicy],
    product: ProductDefinition,
    wanted: OverviewFilter = DEFAULT_FILTER,
    zone: ZoneInfo = UTC_ZONE,
) -> OverviewView:
    """The view; `policies` are those that decided in the period, whose cut-offs are drawn."""
    overview = dated.overview
    before = dated.before if dated.before and dated.before.outcomes.total else None
    lead = DrillDown(overview.period, wanted)
    shares = Shares(overview, before)
    return OverviewView(
        as_of=Moment.of(dated.as_of, zone),
        period=_period(overview),
        compared=_compared(dated.before),
        has_before=before is not None,
        empty=overview.outcomes.total == 0,
        figures=_figures(overview, before),
        outcomes=tuple(
            shares.of(
                labels.OUTCOMES[each],
                overview.outcomes.count(each),
                None if before is None else before.outcomes.count(each),
                style=each.value,
                href=lead.to(outcome=each.value),
            )
            for each in Outcome
        ),
        final_outcomes=final_outcome_shares(overview, before, lead, shares),
        final_note=f"People decided {number(overview.final_outcomes.by_people, 0)} of these applications",
        step=step_name(overview),
        trend=trend_chart(overview, before, lead),
        trend_shares=trend_chart(overview, before, lead, shares=True),
        trend_table=trend_table(overview, before, lead),
        pd_chart=pd_chart(overview, before, policies, lead),
        pd_note=pd_note(overview, policies),
        pd_table=pd_table(overview, before, lead),
        reasons=_reasons(overview, before, product, shares),
        confidences=tuple(
            shares.of(
                labels.CONFIDENCES[each],
                overview.confidences[each],
                None if before is None else before.confidences[each],
            )
            for each in Confidence
        ),
        outside=shares.of(
            "Outside training range",
            overview.outside_domain,
            None if before is None else before.outside_domain,
        ),
        versions=_versions(overview, lead),
    )


def _period(overview: Overview) -> str:
    period = overview.period
    last = period.end - timedelta(microseconds=1)
    if period.step != DAY:
        return f"{timestamp(period.start)} to {timestamp(period.end)}"
    return f"{_date(period.start)} to {_date(last)} (UTC)"


def _compared(before: Overview | None) -> str:
    if before is None:
        return ""
    return f"Before: {_period(before)}{'' if before.outcomes.total else ', no decisions'}"


def _figures(overview: Overview, before: Overview | None) -> tuple[Total, ...]:
    total, mean = overview.outcomes.total, overview.mean_pd
    if mean is None:
        return ()
    requested, recommended = overview.requested, overview.recommended
    share = recommended.cents / requested.cents if requested.cents else 0.0
    former = [""] * 4
    if before is not None and before.mean_pd is not None:
        count = before.outcomes.total
        former = [
            count_before(total, count, number(count, 0)),
            share_before(mean, before.mean_pd),
            *(
                count_before(now.cents, then.cents, rounded_money(then))
                for now, then in ((requested, before.requested), (recommended, before.recommended))
            ),
        ]
    return (
        Total("Decisions", number(total, 0), _decisions_per_step(overview), former[0]),
        Total("Mean probability of default", percent(mean), "All applications", former[1]),
        Total("Requested", rounded_money(requested), f"{_mean_amount(requested, total)} per decision", former[2]),
        Total("Recommended", rounded_money(recommended), f"{percent(share, 0)} of requested amount", former[3]),
    )


def _decisions_per_step(overview: Overview) -> str:
    steps = len(overview.course)
    return f"{number(overview.outcomes.total / steps, 0 if overview.outcomes.total > 9 * steps else 1)} " + (
        "per day" if overview.period.step == DAY else "per hour"
    )


def _mean_amount(amount: Money, count: int) -> str:
    return money(Money(amount.cents // count // 100 * 100))


def _reasons(
    overview: Overview, before: Overview | None, product: ProductDefinition, shares: Shares
) -> tuple[Share, ...]:
    most = max((count for _, count in overview.reasons), default=1)
    former = None if before is None else dict(before.reasons)
    texts = reason_texts(product)
    return tuple(
        shares.of(texts.get(code, code), count, None if former is None else former.get(code, 0), most=most)
        for code, count in overview.reasons
    )


def _versions(overview: Overview, lead: DrillDown) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for version in overview.versions:
        total = version.outcomes.total
        cells = [count_and_share(version.outcomes.count(outcome), total) for outcome in Outcome]
        address = lead.to(model=version.model_version, policy=version.policy_version)
        decisions = Link(number(total, 0), address)
        rows.append((version.model_version, version.policy_version, decisions, *cells, percent(version.mean_pd)))
    headings = ("Model", "Policy", "Decisions", *(labels.OUTCOMES[outcome] for outcome in Outcome), "Mean PD")
    return Table("Decisions by model and policy", headings, tuple(rows))


def _date(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"
