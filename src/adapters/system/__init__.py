"""The system clock and random identifiers."""

from adapters.system.clock import SystemClock
from adapters.system.identifiers import TimeOrderedIdentifiers

__all__ = ["SystemClock", "TimeOrderedIdentifiers"]
