"""An overview as its page shows it: words, figures, and drawings that are also tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.use_cases.monitoring.cached_overview import DatedOverview
from domain.applications.money import Money
from domain.monitoring.overview import Outcomes, Overview
from domain.monitoring.period import DAY
from domain.policies.outcome import Confidence, Outcome
from domain.policies.reasons import REASONS
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.decisions.decision_view import Figure
from entrypoints.ui.monitoring.pd_bands import pd_note, pd_table, pds
from entrypoints.ui.shared import labels as words
from entrypoints.ui.shared.columns import Column, Columns, Mark, Part, labels_below, lines_up_to
from entrypoints.ui.shared.formats import counted, moment, money, number, percent, rounded_money
from entrypoints.ui.shared.table import Table


@dataclass(frozen=True, slots=True)
class Share:
    """A part of all decisions: `length` is percent of the room, `look` what it looks like."""

    label: str
    count: str
    share: str
    length: float
    look: str = ""


@dataclass(frozen=True, slots=True)
class OverviewView:
    """Everything the page shows of a period; `course` counts decisions, `course_shares` parts of each step's."""

    as_of: str
    period: str
    empty: bool
    figures: tuple[Figure, ...]
    outcomes: tuple[Share, ...]
    step: str
    course: Columns
    course_shares: Columns
    course_table: Table
    pds: Columns
    pd_note: str
    pd_table: Table
    reasons: tuple[Share, ...]
    confidences: tuple[Share, ...]
    outside: Share
    versions: Table


def overview_view(dated: DatedOverview, policy: ScoringPolicy) -> OverviewView:
    """The view; `policy` is the one in force, whose cut-offs are shown."""
    overview = dated.overview
    total = overview.outcomes.total
    step = "day" if overview.period.step == DAY else "hour"
    return OverviewView(
        as_of=f"As of {moment(dated.as_of)}",
        period=_period(overview),
        empty=total == 0,
        figures=_figures(overview),
        outcomes=tuple(
            _share(words.OUTCOMES[each], overview.outcomes.count(each), total, each.value) for each in Outcome
        ),
        step=step,
        course=_course(overview, step),
        course_shares=_course(overview, step, shares=True),
        course_table=_course_table(overview, step),
        pds=pds(overview, policy),
        pd_note=pd_note(overview, policy),
        pd_table=pd_table(overview),
        reasons=_reasons(overview),
        confidences=tuple(
            _share(words.CONFIDENCES[each], overview.confidences[each], total) for each in Confidence
        ),
        outside=_share("Outside the model's domain", overview.outside_domain, total),
        versions=_versions(overview),
    )


def _period(overview: Overview) -> str:
    period = overview.period
    last = period.end - timedelta(microseconds=1)
    if period.step != DAY:
        return f"{moment(period.start)} to {moment(period.end)}"
    return f"{_date(period.start)} to {_date(last)}, days in UTC"


def _figures(overview: Overview) -> tuple[Figure, ...]:
    total, mean = overview.outcomes.total, overview.mean_pd
    if mean is None:
        return ()
    asked, recommended = overview.asked, overview.recommended
    part = recommended.cents / asked.cents if asked.cents else 0.0
    return (
        Figure("Decisions", number(total, 0), _a_step(overview)),
        Figure("Mean probability of default", percent(mean), "Over all applications"),
        Figure("Asked for", rounded_money(asked), f"{_mean_amount(asked, total)} a decision"),
        Figure("Recommended", rounded_money(recommended), f"{percent(part, 0)} of what was asked for"),
    )


def _a_step(overview: Overview) -> str:
    steps = len(overview.course)
    return f"{number(overview.outcomes.total / steps, 0 if overview.outcomes.total > 9 * steps else 1)} " + (
        "a day" if overview.period.step == DAY else "an hour"
    )


def _mean_amount(amount: Money, count: int) -> str:
    return money(Money(amount.cents // count // 100 * 100))


def _share(label: str, count: int, total: int, look: str = "") -> Share:
    part = count / total if total else 0.0
    return Share(label, number(count, 0), percent(part), round(100 * part, 2), look)


def _course(overview: Overview, step: str, *, shares: bool = False) -> Columns:
    starts = overview.period.steps
    most = max(outcomes.total for outcomes in overview.course)
    top, lines = lines_up_to(most)
    if shares:
        lines = tuple(Mark(at, percent(at / 100, 0)) for at in (0, 25, 50, 75, 100))
    columns = tuple(
        Column(
            _parts(outcomes, (outcomes.total or 1) if shares else top), f"{_when(start, step)}: {_told(outcomes)}"
        )
        for start, outcomes in zip(starts, overview.course, strict=True)
    )
    what = "Share of outcomes" if shares else "Decisions by outcome"
    return Columns(
        columns=columns,
        lines=lines,
        labels=labels_below([_when(start, step) for start in starts]),
        cut_offs=(),
        description=f"{what}, {step} by {step}: {_told(overview.outcomes)}; "
        f"at most {counted(most, 'decision', 'decisions')} in one {step}.",
    )


def _parts(outcomes: Outcomes, room: int) -> tuple[Part, ...]:
    return tuple(
        Part(outcome.value, round(100 * count / room, 2))
        for outcome in Outcome
        if (count := outcomes.count(outcome))
    )


def _told(outcomes: Outcomes) -> str:
    return ", ".join(
        f"{number(outcomes.count(outcome), 0)} {words.OUTCOMES[outcome].lower()}" for outcome in Outcome
    )


def _course_table(overview: Overview, step: str) -> Table:
    rows = []
    for start, outcomes in zip(overview.period.steps, overview.course, strict=True):
        total = outcomes.total
        cells = (_count_and_share(outcomes.count(outcome), total) for outcome in Outcome)
        rows.append((_when(start, step), number(total, 0), *cells))
    heads = (step.capitalize(), "Decisions", *(words.OUTCOMES[outcome] for outcome in Outcome))
    return Table(f"Decisions by outcome, {step} by {step}", heads, tuple(rows))


def _count_and_share(count: int, total: int) -> str:
    return f"{number(count, 0)} ({percent(count / total, 0)})" if total else "0"


def _reasons(overview: Overview) -> tuple[Share, ...]:
    total = overview.outcomes.total
    most = max((count for _, count in overview.reasons), default=1)
    return tuple(
        Share(REASONS[code].text, number(count, 0), percent(count / total), round(100 * count / most, 2))
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
    heads = ("Model", "Policy", "Decisions", *(words.OUTCOMES[outcome] for outcome in Outcome), "Mean PD")
    return Table("Decisions by model and policy", heads, tuple(rows))


def _when(start: datetime, step: str) -> str:
    return f"{start.day} {start:%b}" if step == "day" else f"{start:%H:%M}"


def _date(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"
