"""Moved: adapters.system and adapters.memory.set_clock."""

from adapters.memory.set_clock import SetClock
from adapters.system import SystemClock, TimeOrderedIdentifiers

__all__ = ["SetClock", "SystemClock", "TimeOrderedIdentifiers"]
