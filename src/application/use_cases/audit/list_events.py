"""List the events of the audit trail."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.audit.event_history import EventFilter, EventHistory, EventPage
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, PageTooLarge
from domain.access.user import Actor, Permission


@dataclass(frozen=True, slots=True)
class ListEvents:
    """Lists who did what, newest first. Decisions are not among the events."""

    history: EventHistory

    async def __call__(
        self, wanted: EventFilter, *, by: Actor, limit: int = 50, before: UUID | None = None
    ) -> EventPage:
        """A page of the events that match; raises PermissionDenied and PageTooLarge."""
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} events, not {limit}")
        return await self.history.page(wanted, limit=limit, before=before)
