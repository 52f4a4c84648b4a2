"""Referral cases in PostgreSQL: one row per case, and one per action on it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.cases.case_documents import CASE_ACTION, decode_action
from adapters.persistence.cases.case_pages import case_page
from adapters.persistence.cases.case_rows import CASE_COLUMNS, from_row
from adapters.persistence.cases.case_tables import UNFINISHED, case_actions, cases
from adapters.persistence.cases.case_writer import CaseWriter
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.cases.cases import CaseChange, CaseFilter, CasePage, Cases, CaseUnreadable
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from domain.access.user import Actor, Permission
from domain.cases.case_action import CaseAction
from domain.cases.case_state import CaseState
from domain.cases.referral_case import ReferralCase
from domain.stored_document import UnreadableDocument

_CASE = select(*CASE_COLUMNS)
_REVIEW = cases.c.case_id != cases.c.decision_id
_ACTIONS = (
    select(case_actions.c.action_id, case_actions.c.document)
    .where(case_actions.c.case_id == bindparam("case_id"))
    .order_by(case_actions.c.number)
)
_CLAIMED = (
    select(idempotency_keys.c.fingerprint, case_actions.c.case_id)
    .outerjoin(case_actions, case_actions.c.action_id == idempotency_keys.c.subject)
    .where(idempotency_keys.c.actor == bindparam("actor"), idempotency_keys.c.key == bindparam("key"))
)
"""The case of the action under a key, or no case where the key belongs to something else."""


def _next(condition: str) -> str:
    """The most urgent case that is free at $1 and meets the condition, locked."""
    columns = ", ".join(column.name for column in CASE_COLUMNS)
    return f"""
        SELECT {columns} FROM cases WHERE {UNFINISHED} AND ({condition})
            AND (lease_until IS NULL OR lease_until <= $1::timestamptz)
        ORDER BY due_at, case_id LIMIT 1 FOR UPDATE SKIP LOCKED
    """  # noqa: S608 - names of our own columns


_NEXT = _next("state IN ('open', 'assigned')")
_NEXT_OF_SENIOR = _next(
    "state IN ('open', 'assigned') OR (state = 'awaiting_second_approval' AND NOT $2::text = ANY (proposers))"
)


class PostgresCases(Cases):
    """Reads the projection and the documents of actions; `CaseWriter` keeps them equal.

    `on_change` is called with each change that is recorded.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        unreadable: UnreadableDocuments | None = None,
        on_change: Callable[[CaseChange], None] | None = None,
    ) -> None:
        self._engine = engine
        self._writer = CaseWriter(engine, on_change)
        self._unreadable = unreadable or UnreadableDocuments()

    async def page(self, wanted: CaseFilter, *, at: datetime, limit: int, cursor: str | None = None) -> CasePage:
        async with transaction(self._engine) as connection:
            return await case_page(connection, wanted, at=at, limit=limit, cursor=cursor)

    async def find(self, case_id: UUID) -> ReferralCase | None:
        async with transaction(self._engine) as connection:
            row = (await connection.execute(_CASE.where(cases.c.case_id == case_id))).one_or_none()
        return None if row is None else from_row(row._mapping)

    async def of_decision(self, decision_id: UUID) -> Sequence[ReferralCase]:
        """By the case's own identifier, and by the index of reviews."""
        first = and_(cases.c.case_id == decision_id, ~_REVIEW)
        query = _CASE.where(or_(first, and_(cases.c.decision_id == decision_id, _REVIEW)))
        async with transaction(self._engine) as connection:
            rows = await connection.execute(query.order_by(cases.c.opened_at, cases.c.case_id))
            return [from_row(row._mapping) for row in rows]

    async def actions(self, case_id: UUID) -> Sequence[CaseAction]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_ACTIONS, {"case_id": case_id})).all()
        return [self._decoded(row.document, row.action_id, case_id) for row in rows]

    def _decoded(self, document: str, action_id: UUID, case_id: UUID) -> CaseAction:
        try:
            return decode_action(document, action_id)
        except UnreadableDocument as fault:
            self._unreadable.report(CASE_ACTION.name, action_id, fault)
            raise CaseUnreadable(f"action {action_id} of case {case_id} cannot be read: {fault}") from fault

    async def case_under(self, claim: Claim) -> UUID | None:
        async with transaction(self._engine) as connection:
            values = {"actor": claim.actor, "key": claim.key}
            row = (await connection.execute(_CLAIMED, values)).one_or_none()
        if row is None:
            return None
        claim.check_same_request(row.fingerprint)
        if row.case_id is None:
            raise OriginalResponseUnavailable("this key was used for something other than an action on a case")
        found: UUID = row.case_id
        return found

    async def append(self, change: CaseChange) -> None:
        async def ready(_connection: AsyncConnection) -> CaseChange:
            return change

        await self._writer.write(ready)

    async def open_review(self, change: CaseChange) -> None:
        await self.append(change)

    async def take_next(
        self, by: Actor, at: datetime, claiming: Callable[[ReferralCase], CaseChange]
    ) -> ReferralCase | None:
        """Two statements; rows that another transaction is claiming are skipped, not waited for."""

        async def change(connection: AsyncConnection) -> CaseChange | None:
            if by.may(Permission.GIVE_SECOND_APPROVALS):
                found = await connection.exec_driver_sql(_NEXT_OF_SENIOR, (at, by.name))
            else:
                found = await connection.exec_driver_sql(_NEXT, (at,))
            row = found.one_or_none()
            return None if row is None else claiming(from_row(row._mapping))

        written = await self._writer.write(change)
        return None if written is None else written.case

    async def renew(self, case_id: UUID, *, holder: str, at: datetime, until: datetime) -> ReferralCase | None:
        held = (cases.c.assignee == holder) & (cases.c.lease_until > at)
        statement = (
            update(cases)
            .where(cases.c.case_id == case_id, held)
            .values(lease_until=func.greatest(cases.c.lease_until, until))
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(statement.returning(*CASE_COLUMNS))).one_or_none()
        return None if row is None else from_row(row._mapping)

    async def overdue(self, at: datetime, *, limit: int) -> Sequence[ReferralCase]:
        running = cases.c.state != CaseState.AWAITING_APPLICANT.value
        return await self._unfinished(cases.c.due_at <= at, cases.c.breached_at.is_(None), running, limit=limit)

    async def unanswered(self, at: datetime, *, limit: int) -> Sequence[ReferralCase]:
        return await self._unfinished(cases.c.answer_by <= at, limit=limit)

    async def _unfinished(self, *conditions: ColumnElement[bool], limit: int) -> Sequence[ReferralCase]:
        """The most urgent unfinished cases that meet conditions."""
        query = _CASE.where(text(UNFINISHED), *conditions).order_by(cases.c.due_at, cases.c.case_id)
        async with transaction(self._engine) as connection:
            return [from_row(row._mapping) for row in await connection.execute(query.limit(limit))]
