"""Check health: does everything the service stands on work?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.operations.dependencies import Dependency


@dataclass(frozen=True, slots=True)
class DependencyHealth:
    """One dependency, what is wrong with it (None: nothing), and whether it is needed to decide."""

    name: str
    fault: str | None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Asks every dependency, each within `patience` seconds."""

    dependencies: Sequence[Dependency]
    patience: float = 2.0

    async def __call__(self) -> tuple[DependencyHealth, ...]:
        """How each dependency does, in their order."""
        return tuple(await asyncio.gather(*(self._ask(dependency) for dependency in self.dependencies)))

    async def _ask(self, dependency: Dependency) -> DependencyHealth:
        wrong = None
        try:
            await asyncio.wait_for(dependency.check(), self.patience)
        except TimeoutError:
            wrong = f"no answer within {self.patience:g} s"
        except Exception as fault:
            wrong = f"{type(fault).__name__}: {fault}"
        return DependencyHealth(dependency.name, wrong, dependency.needed)
