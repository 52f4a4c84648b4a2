"""Whether the installation contains what the demonstration made up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from application.ports.audit.event_history import EventFilter, EventHistory
from domain.audit.event import EventKind

_ASKED_AGAIN_AFTER = 10.0
_STARTED = EventFilter(kinds=(EventKind.DEMONSTRATION_STARTED,))


@dataclass(slots=True)
class ContainsSynthetic:
    """Remembers the answer, since every page asks: yes for good, no for ten seconds."""

    history: EventHistory
    seconds: Callable[[], float] = monotonic
    _known: bool = field(default=False, init=False)
    _asked_at: float | None = field(default=None, init=False)

    async def __call__(self) -> bool:
        """Whether a demonstration was started; raises DependencyUnavailable."""
        now = self.seconds()
        if not self._known and (self._asked_at is None or now - self._asked_at >= _ASKED_AGAIN_AFTER):
            self._known = bool((await self.history.page(_STARTED, limit=1)).events)
            self._asked_at = now
        return self._known
