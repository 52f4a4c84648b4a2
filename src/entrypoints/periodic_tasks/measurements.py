"""Measurements at intervals for the metrics, so that a request for the metrics never waits."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.operations.check_health import CheckHealth

State = TypeVar("State", covariant=True)  # noqa: PLC0105 - read-only, and shared with the class below


class SetDependency(Protocol):
    """Receives whether a dependency works."""

    def __call__(self, name: str, *, up: bool) -> None: ...


class MeasureDependencies:
    """Checks dependencies; `names` are theirs in the metrics, in order."""

    def __init__(self, check: CheckHealth, names: Sequence[str], set_dependency: SetDependency) -> None:
        self._check = check
        self._names = names
        self._set = set_dependency

    async def __call__(self) -> None:
        for name, health in zip(self._names, await self._check(), strict=True):
            self._set(name, up=health.fault is None)


class Readable(Protocol[State]):
    """Reads a state of what is stored. Raises DependencyUnavailable."""

    async def read(self) -> State: ...


class MeasureStoredState(Generic[State]):
    """Reads a state of what is stored; `clear` is called if it cannot be read within `timeout` seconds."""

    def __init__(
        self,
        states: Readable[State],
        set_state: Callable[[State], None],
        clear: Callable[[], None],
        *,
        timeout: float = 5.0,
    ) -> None:
        self._states = states
        self._set = set_state
        self._clear = clear
        self._timeout = timeout

    async def __call__(self) -> None:
        try:
            self._set(await asyncio.wait_for(self._states.read(), self._timeout))
        except (DependencyUnavailable, TimeoutError):  # the ledger logs it, and `scoring_dependency_up` says it
            self._clear()
        except BaseException:
            self._clear()
            raise
