"""Periods, their steps, and consistent figures."""

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
