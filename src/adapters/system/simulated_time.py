"""A simulated time, for the demonstration: every task has its own present, and identifiers carry it."""

from contextvars import ContextVar
from datetime import datetime
from random import Random
from uuid import UUID

from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers

_VERSION_AND_VARIANT = 7 << 76 | 0b10 << 62
_RANDOM = (1 << 76) - 1 & ~(0b11 << 62)


class SimulatedTime(Clock, Identifiers):
    """A clock that shows what was set in the present task, and UUIDs of version 7 of that time.

    The rest of an identifier comes from the random numbers of the task, so that equal simulations make equal ones.
    Never for real decisions: their identifiers must not be predictable.
    """

    def __init__(self, start: datetime, random: Random) -> None:
        self._present = ContextVar("simulated_present", default=(start, random))

    def set(self, now: datetime, random: Random) -> None:
        """Set the present of this task and of the tasks that it starts."""
        self._present.set((now, random))

    def now(self) -> datetime:
        return self._present.get()[0]

    def new(self) -> UUID:
        now, random = self._present.get()
        milliseconds = int(now.timestamp() * 1000)
        return UUID(int=milliseconds << 80 | random.getrandbits(76) & _RANDOM | _VERSION_AND_VARIANT)
