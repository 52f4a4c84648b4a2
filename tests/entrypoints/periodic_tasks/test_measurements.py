"""Measurements for the metrics: what cannot be measured is said to be unknown, never an old value."""

import asyncio

import pytest

from application.ports.operations.dependencies import Dependency, DependencyUnavailable
from application.ports.operations.stored_state import StoredState, StoredStates
from application.use_cases.operations.check_health import CheckHealth
from entrypoints.periodic_tasks.measurements import MeasureDependencies, MeasureStoredState
from support.builders import a_stored_state

STATE = a_stored_state()


class Switched(Dependency, StoredStates):
    """A dependency, and a state, that raises `fault` or hangs."""

    name = "any"
    fault: Exception | None = None
    hanging = False

    async def check(self) -> None:
        if self.hanging:
            await asyncio.sleep(60)
        if self.fault is not None:
            raise self.fault

    async def read(self) -> StoredState:
        await self.check()
        return STATE


async def test_dependencies_are_measured_under_their_names_in_the_metrics() -> None:
    works, fails, measured = Switched(), Switched(), dict[str, bool]()
    fails.fault = ConnectionRefusedError()

    def set_dependency(name: str, *, up: bool) -> None:
        measured[name] = up

    measure = MeasureDependencies(CheckHealth((works, fails)), ("database", "redis"), set_dependency)
    await measure()
    assert measured == {"database": True, "redis": False}
    fails.fault = None
    await measure()
    assert measured == {"database": True, "redis": True}


async def test_a_state_that_cannot_be_read_is_cleared() -> None:
    states, known = Switched(), list[StoredState]()
    measure = MeasureStoredState(states, known.append, known.clear, timeout=0.05)
    await measure()
    assert known == [STATE]
    states.fault = DependencyUnavailable("the database does not answer")
    await measure()
    assert known == []
    states.fault = None
    await measure()
    states.hanging = True
    await measure()
    assert known == []


async def test_a_defect_is_raised_and_clears_the_state() -> None:
    states, known = Switched(), [STATE]
    states.fault = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await MeasureStoredState(states, known.append, known.clear)()
    assert known == []
