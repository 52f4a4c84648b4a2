"""The contract of clocks and identifiers."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from adapters.system import SystemClock, TimeOrderedIdentifiers
from adapters.system.simulated_time import SimulatedTime
from application.ports.operations.clock import Clock
from support.memory.clock import FixedClock

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
SIMULATED = SimulatedTime(MARCH, Random(1))  # noqa: S311 - a simulation


@pytest.mark.parametrize(
    "clock",
    [SystemClock(), FixedClock(MARCH), SIMULATED],
    ids=["system", "set", "simulated"],
)
def test_a_clock_returns_the_time_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_fixed_clock_does_not_advance() -> None:
    clock = FixedClock(MARCH)
    assert clock.now() == clock.now() == MARCH


def test_the_system_clock_advances() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_identifiers_are_unique_and_of_version_7() -> None:
    made = [TimeOrderedIdentifiers().new() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert {each.version for each in made} == {7}
    assert {each.variant for each in made} == {"specified in RFC 4122"}


def test_later_identifiers_sort_after_earlier_ones_by_the_millisecond() -> None:
    made = [TimeOrderedIdentifiers().new().int >> 80 for _ in range(2_000)]
    assert made == sorted(made)
    assert abs(made[-1] / 1000 - datetime.now(UTC).timestamp()) < 5


def test_simulated_identifiers_carry_the_simulated_time_and_follow_from_the_seed() -> None:
    one, same = (SimulatedTime(MARCH, Random(7)) for _ in range(2))  # noqa: S311 - a simulation
    made = [one.new() for _ in range(1_000)]
    assert made == [same.new() for _ in range(1_000)]
    assert len(set(made)) == len(made)
    assert {each.version for each in made} == {7}
    assert {each.variant for each in made} == {"specified in RFC 4122"}
    one.set(MARCH + timedelta(days=3), Random(8))  # noqa: S311 - a simulation
    assert one.now() == MARCH + timedelta(days=3)
    assert one.new() > max(made)
