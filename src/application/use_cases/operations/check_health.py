"""Check the health of every dependency."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.operations.dependencies import Dependency


@dataclass(frozen=True, slots=True)
class DependencyHealth:
    """The health of a dependency; `fault` is None if it works, `needed` says whether decisions require it."""

    name: str
    fault: str | None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Checks every dependency, each within `timeout_seconds`."""

    dependencies: Sequence[Dependency]
    timeout_seconds: float = 2.0

    async def __call__(self) -> tuple[DependencyHealth, ...]:
        """The health of each dependency, in order."""
        return tuple(await asyncio.gather(*(self._check(dependency) for dependency in self.dependencies)))

    async def _check(self, dependency: Dependency) -> DependencyHealth:
        fault = None
        try:
            await asyncio.wait_for(dependency.check(), self.timeout_seconds)
        except TimeoutError:
            fault = f"no answer within {self.timeout_seconds:g} s"
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        return DependencyHealth(dependency.name, fault, dependency.needed)
