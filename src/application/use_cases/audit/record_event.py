"""Record an event in the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.audit.audit_events import AuditEvents
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor
from domain.audit.event import Detail, EventKind


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Records actions that change no stored data; other adapters append events in their own transactions."""

    events: AuditEvents
    new_event: EventFactory

    async def __call__(self, kind: EventKind, *, by: Actor, details: Mapping[str, Detail]) -> None:
        """Record an action of the actor; raises EventRefused."""
        await self.events.record_event(self.new_event(kind, by.name, details))
