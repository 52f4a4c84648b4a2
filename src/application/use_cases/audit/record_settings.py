"""Record on the audit trail that a process starts with other settings than before."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from application.ports.audit.audit_events import EventRefused
from application.ports.audit.event_history import EventFilter, EventHistory
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor
from domain.audit.event import Detail, EventKind

DIGEST = "digest "
"""The beginning of a value that is not recorded itself."""


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """Compares the settings of a `process` with those it was last recorded with.

    `settings` are the names and values that differ from the defaults; a secret is only a digest, under a key that
    changes with the setting `digest_key`: digests can then not be compared. `exclusively` lets one of several
    replicas that start together record the change.
    """

    history: EventHistory
    record: RecordEvent
    exclusively: Callable[[], AbstractAsyncContextManager[bool]]
    process: str
    settings: Callable[[], Mapping[str, str]]
    digest_key: str

    async def __call__(self, *, by: Actor) -> None:
        """Record a change, or nothing; a database that accepts no events is ignored."""
        async with self.exclusively() as alone:
            if not alone:
                return
            now = self.settings()
            before = await self._last()
            if before == now:
                return
            known = before or {}
            changed = sorted(name for name in now.keys() | known.keys() if known.get(name) != now.get(name))
            unknown: list[str] = []
            if before is not None and self.digest_key in changed:
                unknown = [name for name in changed if name != self.digest_key and _digests(known, now, name)]
            details: dict[str, Detail] = {
                "process": self.process,
                "first": before is None,
                "changed": ", ".join(name for name in changed if name not in unknown),
                "not_compared": ", ".join(unknown),
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


def _digests(known: Mapping[str, str], now: Mapping[str, str], name: str) -> bool:
    """Whether both values of a setting are digests."""
    return all(values.get(name, "").startswith(DIGEST) for values in (known, now))
