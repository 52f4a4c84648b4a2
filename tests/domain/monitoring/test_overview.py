"""Periods, their steps, and figures that add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.applications.money import ZERO
from domain.monitoring.cells import overview_of
from domain.monitoring.overview import InconsistentFigures, Outcomes, band_of
from domain.monitoring.period import DAY, HOUR, MAX_PERIOD, InvalidPeriod, Period
from domain.policies.outcome import Outcome

START = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
moments = st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
lengths = st.timedeltas(timedelta(microseconds=1), MAX_PERIOD)


@given(moments, lengths)
def test_steps_cover_the_period_and_each_touches_it(start: datetime, length: timedelta) -> None:
    period = Period.between(start, start + length)
    steps = period.steps
    assert steps[0] <= period.start < steps[0] + period.step
    assert steps[-1] < period.end <= steps[-1] + period.step
    assert all(later - step == period.step for step, later in pairwise(steps))
    assert all(step.minute == step.second == step.microsecond == 0 for step in steps)
    assert period.step == HOUR or all(step.hour == 0 for step in steps)


@pytest.mark.parametrize(("length", "step"), [(2 * DAY, HOUR), (2 * DAY + HOUR, DAY), (HOUR, HOUR)])
def test_up_to_two_days_are_reported_by_hour(length: timedelta, step: timedelta) -> None:
    assert Period.between(START, START + length).step == step


@pytest.mark.parametrize("length", [timedelta(), -HOUR, MAX_PERIOD + timedelta(microseconds=1)])
def test_a_period_has_an_end_not_too_far_off(length: timedelta) -> None:
    with pytest.raises(InvalidPeriod):
        Period.between(START, START + length)


@pytest.mark.parametrize("at", [START, START + DAY, START - HOUR, START + 2 * DAY])
def test_a_period_is_not_split_at_its_ends(at: datetime) -> None:
    whole = Period.between(START, START + DAY)
    assert whole.split_at([at]) == (whole,)


@given(st.lists(st.timedeltas(-DAY, 93 * DAY)))
def test_the_parts_of_a_period_add_up_to_the_whole(cuts: list[timedelta]) -> None:
    whole = Period.between(START, START + 92 * DAY)
    parts = whole.split_at(START + cut for cut in cuts)
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert {part.step for part in parts} == {whole.step}


def test_months_begin_at_midnight_in_utc() -> None:
    over_new_year = Period.between(datetime(2025, 11, 30, 23, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC))
    assert over_new_year.months == tuple(
        datetime(year, month, 1, tzinfo=UTC) for year, month in ((2025, 11), (2025, 12), (2026, 1))
    )


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_pd_is_in_the_band_whose_edges_enclose_it(pd: float) -> None:
    band = band_of(pd)
    assert band / 100 <= pd < (band + 1) / 100


def test_inconsistent_figures_are_rejected() -> None:
    period = Period.between(START, START + 3 * DAY)
    empty = overview_of(period, time_series={}, cells=(), reasons={}, outside_domain=0)
    assert empty.requested == ZERO
    with pytest.raises(InconsistentFigures):
        overview_of(
            period, time_series={(period.steps[1], Outcome.APPROVED): 1}, cells=(), reasons={}, outside_domain=0
        )
    with pytest.raises(InconsistentFigures):
        replace(empty, course=(Outcomes(),))


def test_only_periods_that_follow_one_another_add_up() -> None:
    first, second = (
        overview_of(Period(start, start + DAY, DAY), time_series={}, cells=(), reasons={}, outside_domain=0)
        for start in (START, START + DAY)
    )
    assert (first + second).period == Period(START, START + 2 * DAY, DAY)
    for wrong in (
        first,
        overview_of(
            Period(START + DAY, START + 2 * DAY, HOUR), time_series={}, cells=(), reasons={}, outside_domain=0
        ),
    ):
        with pytest.raises(InconsistentFigures):
            first + wrong
