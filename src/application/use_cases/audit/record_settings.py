"""Record on the audit trail that a process starts with other settings than before."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from application.ports.audit.audit_events import EventRefused
from application.ports.audit.event_history import EventFilter, EventHistory
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor
from domain.audit.event import Detail, EventKind


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """Compares the settings of a `process` with those it was last recorded with.

    `settings` are the names and values that differ from the defaults; a secret is only a digest. `exclusively`
    lets one of several replicas that start together record the change.
    """

    history: EventHistory
    record: RecordEvent
    exclusively: Callable[[], AbstractAsyncContextManager[bool]]
    process: str
    settings: Callable[[], Mapping[str, str]]

    async def __call__(self, *, by: Actor) -> None:
        """Record a change, or nothing; a database that accepts no events is ignored."""
        async with self.exclusively() as alone:
            if not alone:
                return
            now = self.settings()
            before = await self._last()
            if before == now:
                return
            changed = sorted(
                name for name in now.keys() | (before or {}).keys() if (before or {}).get(name) != now.get(name)
            )
            details: dict[str, Detail] = {
                "process": self.process,
                "first": before is None,
                "changed": ", ".join(changed),
                **now,
            }
            try:
                await self.record(EventKind.SETTINGS_CHANGED, by=by, details=details)
            except EventRefused:
                return

    async def _last(self) -> Mapping[str, str] | None:
        wanted = EventFilter(kinds=[EventKind.SETTINGS_CHANGED], subject=self.process)
        page = await self.history.page(wanted, limit=1)
        if not page.events:
            return None
        details = page.events[0].details
        return {name: str(value) for name, value in details.items() if name.isupper()}
