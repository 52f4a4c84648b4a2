"""Applications in PostgreSQL: the chain of decisions, and the actions that follow it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.applications.action_documents import APPLICATION_ACTION, decode
from adapters.persistence.applications.action_writer import append_action, claim_or_find, find_claimed
from adapters.persistence.applications.application_queries import (
    APPROVAL_DAYS,
    FINISHED,
    page_of,
    present_of,
)
from adapters.persistence.applications.application_tables import application_actions, superseded_decisions
from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.cases import final_decision_documents
from adapters.persistence.cases.final_decision_documents import FINAL_DECISION
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.archive.cursors import from_cursor, to_cursor
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS, RecordReader
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.applications.applications import (
    ApplicationFilter,
    ApplicationPage,
    Applications,
    CaseOfApplication,
    Decision,
    StoredApplication,
)
from application.ports.cases.cases import CaseChange
from application.ports.decisions.decision_archive import DecisionSort
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from domain.applications.application_action import ApplicationAction
from domain.applications.money import Money
from domain.cases.final_decision import FinalDecision
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.stored_document import UnreadableDocument

_LINK = superseded_decisions.c
_CUSTOM_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""PostgreSQL chooses by the values of the filter, of which some match many and some match few."""


class PostgresApplications(Applications):
    """Actions are recorded on the chain of `events`, or on a new one."""

    def __init__(
        self,
        engine: AsyncEngine,
        events: EventChain | None = None,
        unreadable: UnreadableDocuments | None = None,
    ) -> None:
        self._engine = engine
        self._events = events or EventChain()
        self._unreadable = unreadable or UnreadableDocuments()
        self._reader = RecordReader(self._unreadable)

    async def find(self, decision_id: UUID) -> StoredApplication | None:
        async with transaction(self._engine) as connection:
            chain = (await _chains(connection, [await _application_of(connection, decision_id)]))[0]
            row = (await connection.execute(present_of(chain[-1]))).one_or_none()
            if row is None or row.trial:
                return None
            return (await self._read(connection, [row], [chain]))[0]

    async def decisions(self, application: StoredApplication) -> Sequence[Decision]:
        query = select(*RECORD_COLUMNS).where(decisions.c.decision_id.in_(application.decision_ids))
        async with transaction(self._engine) as connection:
            rows = {row.decision_id: row for row in await connection.execute(query)}
        return [self._reader.read(rows[each]._mapping) for each in application.decision_ids if each in rows]

    async def successors(self, decision_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        query = select(_LINK.decision_id, _LINK.superseded_by).where(_LINK.decision_id.in_(decision_ids))
        async with transaction(self._engine) as connection:
            return {row.decision_id: row.superseded_by for row in await connection.execute(query)}

    async def page(
        self,
        wanted: ApplicationFilter,
        *,
        at: datetime,
        limit: int,
        cursor: str | None = None,
        owner: str | None = None,
    ) -> ApplicationPage:
        last = None if cursor is None else from_cursor(DecisionSort.NEWEST, cursor)
        async with transaction(self._engine) as connection:
            await connection.execute(_CUSTOM_PLAN)
            days: dict[str, int] = {}
            if wanted.state is not None:
                days = {row.version: row.days for row in await connection.execute(APPROVAL_DAYS)}
            rows = (await connection.execute(page_of(wanted, at, owner, days, last, limit + 1))).all()
            page, further = rows[:limit], rows[limit:]
            chains = await _chains(connection, [row.application_id for row in page])
            found = await self._read(connection, page, chains)
        following = None
        if further:
            following = to_cursor(DecisionSort.NEWEST, page[-1].decided_at, page[-1].decision_id)
        return ApplicationPage(tuple(found), following)

    async def under(self, claim: Claim) -> ApplicationAction | None:
        async with transaction(self._engine) as connection:
            first = await find_claimed(connection, claim)
        return None if first is None else await self._action(first)

    async def append(
        self,
        action: ApplicationAction,
        seen: StoredApplication,
        claim: Claim | None = None,
        withdrawal: CaseChange | None = None,
        other_loans: Money | None = None,
    ) -> ApplicationAction:
        async with transaction(self._engine) as connection:
            first = None if claim is None else await claim_or_find(connection, action.action_id, claim)
            if first is None:
                entries = await append_action(connection, action, seen, withdrawal, other_loans)
                await self._events.append_entries(connection, entries)
        return action if first is None else await self._action(first)

    async def _action(self, action_id: UUID) -> ApplicationAction:
        query = select(application_actions.c.document).where(application_actions.c.action_id == action_id)
        async with transaction(self._engine) as connection:
            document = await connection.scalar(query)
        if document is None:
            raise OriginalResponseUnavailable("this key has already been used for something else")
        try:
            return decode(document, action_id)
        except UnreadableDocument as fault:
            self._unreadable.report(APPLICATION_ACTION.name, action_id, fault)
            why = "what was done under this key cannot be read by this release"
            raise OriginalResponseUnavailable(why) from fault

    async def _read(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]], chains: Sequence[tuple[UUID, ...]]
    ) -> list[StoredApplication]:
        """The applications of rows of PRESENT."""
        firsts = [chain[0] for chain in chains if len(chain) > 1]
        owners: dict[UUID, str] = {}
        if firsts:
            query = select(decisions.c.decision_id, decisions.c.requested_by)
            found = await connection.execute(query.where(decisions.c.decision_id.in_(firsts)))
            owners = {row.decision_id: row.requested_by for row in found}
        actions = await self._actions(connection, [row.application_id for row in rows if row.changed])
        return [
            self._application(row, chain, owners.get(chain[0], row.requested_by), actions)
            for row, chain in zip(rows, chains, strict=True)
        ]

    def _application(
        self, row: Row[Any], chain: tuple[UUID, ...], owner: str, actions: Mapping[UUID, Sequence[Row[Any]]]
    ) -> StoredApplication:
        newest = self._reader.read(row._mapping)
        done: list[ApplicationAction] = []
        final = None
        try:
            done = [self._decoded(each.document, each.action_id) for each in actions.get(chain[0], ())]
            if row.final_decision_id is not None:
                final = self._final(row.final_document, row.final_decision_id)
        except UnreadableDocument as fault:
            problem = f"what followed the decision cannot be read: {fault}"
            newest = UnreadableDecision(row.decision_id, row.decided_at, row.requested_by, None, problem)
        return StoredApplication(chain, owner, newest, _case(row), final, tuple(done))

    async def _actions(
        self, connection: AsyncConnection, application_ids: Sequence[UUID]
    ) -> Mapping[UUID, list[Row[Any]]]:
        """The rows of the actions on each application, in their order."""
        table = application_actions.c
        query = select(table.application_id, table.action_id, table.document)
        query = query.where(table.application_id.in_(application_ids)).order_by(table.application_id, table.number)
        found: dict[UUID, list[Any]] = {}
        for row in await connection.execute(query) if application_ids else ():
            found.setdefault(row.application_id, []).append(row)
        return found

    def _decoded(self, document: str, action_id: UUID) -> ApplicationAction:
        try:
            return decode(document, action_id)
        except UnreadableDocument as fault:
            self._unreadable.report(APPLICATION_ACTION.name, action_id, fault)
            raise

    def _final(self, document: str, final_decision_id: UUID) -> FinalDecision:
        try:
            return final_decision_documents.decode(document, final_decision_id)
        except UnreadableDocument as fault:
            self._unreadable.report(FINAL_DECISION.name, final_decision_id, fault)
            raise


async def _application_of(connection: AsyncConnection, decision_id: UUID) -> UUID:
    """The first decision of the chain that a decision belongs to."""
    linked = or_(_LINK.decision_id == decision_id, _LINK.superseded_by == decision_id)
    found = await connection.scalar(select(_LINK.application_id).where(linked).limit(1))
    return decision_id if found is None else found


async def _chains(connection: AsyncConnection, application_ids: Sequence[UUID]) -> list[tuple[UUID, ...]]:
    """The decisions of each application, oldest first."""
    query = select(_LINK.decision_id, _LINK.superseded_by).where(_LINK.application_id.in_(application_ids))
    following: dict[UUID, UUID] = {}
    if application_ids:
        following = {row.decision_id: row.superseded_by for row in await connection.execute(query)}
    chains = []
    for application_id in application_ids:
        chain = [application_id]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        chains.append(tuple(chain))
    return chains


def _case(row: Row[Any]) -> CaseOfApplication | None:
    if row.case_id is None:
        return None
    return CaseOfApplication(row.case_id, row.case_state, row.case_version, row.case_state in FINISHED)
