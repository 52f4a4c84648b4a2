"""Links and requests of applicants in PostgreSQL: one row per link and request, and one per action."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.applications.action_writer import claim_or_find, find_claimed
from adapters.persistence.audit.audit_events import AuditedDocument, EventChain
from adapters.persistence.cases.case_documents import encode_action
from adapters.persistence.cases.case_tables import case_actions, cases
from adapters.persistence.cases.change_statements import change_rows, change_statement, opening_statement
from adapters.persistence.database.connections import driver_error, transaction
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.reconsiderations.action_documents import (
    RECONSIDERATION_ACTION,
    decode,
    decode_content,
    encode,
    encode_content,
)
from adapters.persistence.reconsiderations.reconsideration_rows import link_row, request_row, to_link
from adapters.persistence.reconsiderations.reconsideration_tables import (
    applicant_links,
    reconsideration_actions,
    reconsideration_contents,
    reconsiderations,
)
from application.ports.cases.cases import CaseChange
from application.ports.decisions.idempotency import Claim
from application.ports.reconsiderations.reconsiderations import (
    ReconsiderationChange,
    ReconsiderationConflict,
    Reconsiderations,
    ReconsiderationUnreadable,
)
from domain.cases.review import ReviewOpened
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration
from domain.reconsiderations.reconsideration_action import Answered, LinkMade, LinkRevoked, Requested
from domain.reconsiderations.reconsideration_errors import InvalidReconsiderationHistory
from domain.reconsiderations.reconsideration_file import ReconsiderationFile
from domain.reconsiderations.request_content import RequestContent
from domain.stored_document import UnreadableDocument

_SAME_TIME = "the application was changed at the same time"
_OPEN = text("reconsiderations.state = 'open'")
_ANSWERABLE = (
    select(reconsiderations.c.application_id)
    .join(cases, cases.c.case_id == reconsiderations.c.case_id)
    .where(_OPEN, cases.c.ended_at.is_not(None))
    .order_by(cases.c.ended_at)
)
_UNIQUE = {each.name for each in (reconsideration_actions, reconsiderations, applicant_links, cases, case_actions)}
"""Tables of which a row that exists already means that something was recorded at the same time."""


class PostgresReconsiderations(Reconsiderations):
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

    async def find_link(self, link_id: UUID) -> ApplicantLink | None:
        async with transaction(self._engine) as connection:
            query = select(applicant_links).where(applicant_links.c.link_id == link_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else to_link(row._mapping)

    async def file_of(self, application_id: UUID) -> ReconsiderationFile:
        table = reconsideration_actions.c
        query = select(table.action_id, table.document).where(table.application_id == application_id)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query.order_by(table.number))).all()
        try:
            return ReconsiderationFile.of(application_id, [decode(row.document, row.action_id) for row in rows])
        except (UnreadableDocument, InvalidReconsiderationHistory) as fault:
            if isinstance(fault, UnreadableDocument):
                self._unreadable.report(RECONSIDERATION_ACTION.name, application_id, fault)
            why = f"the applicant's requests on application {application_id} cannot be read: {fault}"
            raise ReconsiderationUnreadable(why) from fault

    async def content_of(self, request: Reconsideration) -> RequestContent | None:
        table = reconsideration_contents.c
        query = select(table.content).where(table.reconsideration_id == request.reconsideration_id)
        async with transaction(self._engine) as connection:
            stored = await connection.scalar(query)
        content = None if stored is None else decode_content(stored)
        return content if content is not None and content.digest == request.content_digest else None

    async def of_case(self, case_id: UUID) -> Reconsideration | None:
        table = reconsiderations.c
        query = select(table.reconsideration_id, table.application_id).where(table.case_id == case_id)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return (await self.file_of(row.application_id)).requests.get(row.reconsideration_id)

    async def under(self, claim: Claim) -> UUID | None:
        async with transaction(self._engine) as connection:
            return await find_claimed(connection, claim)

    async def append(self, change: ReconsiderationChange, claim: Claim | None = None) -> UUID:
        action = change.action
        try:
            async with transaction(self._engine) as connection:
                if claim is not None and (first := await claim_or_find(connection, action.action_id, claim)):
                    return first
                entries = [await _change_case(connection, each) for each in change.cases]
                entries.append(await _write(connection, change))
                await self._events.append_entries(connection, entries)
        except DBAPIError as fault:
            cause = driver_error(fault)
            table = cause.table_name if isinstance(cause, asyncpg.UniqueViolationError) else None
            if table in _UNIQUE or isinstance(cause, asyncpg.DeadlockDetectedError):
                raise ReconsiderationConflict(_SAME_TIME) from fault
            raise
        return action.action_id

    async def answerable(self, *, limit: int) -> Sequence[UUID]:
        async with transaction(self._engine) as connection:
            return list(await connection.scalars(_ANSWERABLE.limit(limit)))


async def _change_case(connection: AsyncConnection, change: CaseChange) -> AuditedDocument:
    action, document = change.action, encode_action(change.action)
    rows = change_rows(change, document)
    opens = isinstance(action.details, ReviewOpened)
    statement = opening_statement(change, rows) if opens else change_statement(change, rows)
    if (await connection.exec_driver_sql(*statement)).one_or_none() is None:
        raise ReconsiderationConflict(_SAME_TIME)
    return AuditedDocument(action.at, action.actor.name, action.kind.value, action.action_id, document)


async def _write(connection: AsyncConnection, change: ReconsiderationChange) -> AuditedDocument:
    """Write the action and what it changes; returns what its audit entry states."""
    action, document = change.action, encode(change.action)
    row = {name: getattr(action, name) for name in ("action_id", "application_id", "number", "at")}
    row |= {"actor": action.actor.name, "kind": action.kind.value, "document": document.decode()}
    await connection.execute(insert(reconsideration_actions).values(row))
    match action.details:
        case LinkMade(link_id):
            await connection.execute(insert(applicant_links).values(link_row(change.after.links[link_id])))
        case LinkRevoked(link_id):
            revoked = update(applicant_links).where(applicant_links.c.link_id == link_id)
            await connection.execute(revoked.values(revoked_at=action.at))
        case Requested(reconsideration_id):
            request = change.after.requests[reconsideration_id]
            await connection.execute(insert(reconsiderations).values(request_row(request, version=0)))
            await _write_content(connection, reconsideration_id, change.content)
        case Answered(reconsideration_id):
            await _answer(connection, change.after.requests[reconsideration_id])
    return AuditedDocument(action.at, action.actor.name, action.kind.value, action.action_id, document)


async def _write_content(
    connection: AsyncConnection, reconsideration_id: UUID, content: RequestContent | None
) -> None:
    if content is None:
        raise ValueError("a request is recorded with its content")
    row = {"reconsideration_id": reconsideration_id, "content": encode_content(content)}
    await connection.execute(insert(reconsideration_contents).values(row))


async def _answer(connection: AsyncConnection, request: Reconsideration) -> None:
    row = request_row(request, version=1)
    changed = {name: row[name] for name in ("state", "version", "answered_at")}
    table = reconsiderations.c
    statement = update(reconsiderations).where(table.reconsideration_id == request.reconsideration_id, _OPEN)
    answered = await connection.execute(statement.values(changed).returning(table.reconsideration_id))
    if answered.one_or_none() is None:
        raise ReconsiderationConflict(_SAME_TIME)
