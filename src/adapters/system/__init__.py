"""The machine's own clock and chance."""

from adapters.system.clock import SystemClock
from adapters.system.identifiers import TimeOrderedIdentifiers

__all__ = ["SystemClock", "TimeOrderedIdentifiers"]
