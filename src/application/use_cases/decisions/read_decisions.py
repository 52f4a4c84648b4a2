"""Read decisions on record: one, or a page of many; those of others only with the permission for it."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.decisions.decision_archive import DecisionArchive, DecisionFilter, DecisionPage
from domain.access.user import Actor, Permission
from domain.decisions.decision_record import DecisionRecord

MAX_PAGE_SIZE = 200


class DecisionNotFound(Exception):
    """There is no decision of this identifier on record that the actor may see."""


class PageTooLarge(ValueError):
    """A page holds from 1 to 200 decisions."""


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """Finds one decision."""

    archive: DecisionArchive

    async def __call__(self, decision_id: UUID, *, by: Actor) -> DecisionRecord:
        """The decision of this identifier; raises DecisionNotFound."""
        by.require(Permission.READ_DECISIONS)
        record = await self.archive.find(decision_id)
        if record is None or not by.may_see(record.requested_by.name):
            raise DecisionNotFound(f"there is no decision {decision_id}")
        return record


@dataclass(frozen=True, slots=True)
class ListDecisions:
    """Finds decisions, a page at a time, newest first."""

    archive: DecisionArchive

    async def __call__(
        self, wanted: DecisionFilter, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> DecisionPage:
        """The page from the cursor on; raises InvalidCursor and PageTooLarge."""
        by.require(Permission.READ_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page holds from 1 to {MAX_PAGE_SIZE} decisions, not {limit}")
        return await self.archive.page(wanted, limit=limit, cursor=cursor, owner=by.visible_owner)
