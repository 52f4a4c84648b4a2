"""Read recorded decisions: one, or a page. Those of other users require a permission."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.decisions.decision_archive import DecisionArchive, DecisionFilter, DecisionPage
from application.use_cases.cases.require_own_view import RequireOwnView
from domain.access.user import Actor, Permission
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.product_fit import misfit
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.products.product_definition import ProductDefinition

MAX_PAGE_SIZE = 200


class DecisionNotFound(Exception):
    """There is no decision with this identifier that the actor may read."""


class DecisionUnreadable(Exception):
    """The decision is recorded, but its document cannot be read."""

    def __init__(self, decision: UnreadableDecision) -> None:
        super().__init__(f"the document of decision {decision.decision_id} cannot be read: {decision.problem}")
        self.decision = decision


class PageTooLarge(ValueError):
    """The page size is not between 1 and MAX_PAGE_SIZE."""


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """Reads one decision, also for the use cases that explain it."""

    archive: DecisionArchive
    require_own_view: RequireOwnView

    async def __call__(self, decision_id: UUID, *, by: Actor) -> DecisionRecord:
        """The decision with this identifier; raises DecisionNotFound, DecisionUnreadable and OwnViewRequired."""
        by.require(Permission.READ_DECISIONS)
        record = await self.archive.find(decision_id)
        if record is None or not by.may_see(_requester(record)):
            raise DecisionNotFound(f"there is no decision {decision_id}")
        if isinstance(record, UnreadableDecision):
            raise DecisionUnreadable(record)
        await self.require_own_view(record, by=by)
        return record


@dataclass(frozen=True, slots=True)
class ListDecisions:
    """Lists decisions by page, newest first."""

    archive: DecisionArchive

    async def __call__(
        self, wanted: DecisionFilter, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> DecisionPage:
        """The page at the cursor; raises InvalidCursor and PageTooLarge."""
        by.require(Permission.READ_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} decisions, not {limit}")
        return await self.archive.page(wanted, limit=limit, cursor=cursor, owner=by.visible_owner)


def _requester(record: DecisionRecord | UnreadableDecision) -> str:
    by = record.requested_by
    return by if isinstance(by, str) else by.name


def unreadable(record: DecisionRecord, problem: str) -> UnreadableDecision:
    """A decision that cannot be read although its document can."""
    return UnreadableDecision(record.decision_id, record.decided_at, record.requested_by.name, None, problem)


def require_fit(record: DecisionRecord, product: ProductDefinition) -> None:
    """Raise DecisionUnreadable if the record cannot be one of the product."""
    if problem := misfit(record, product):
        raise DecisionUnreadable(unreadable(record, problem))
