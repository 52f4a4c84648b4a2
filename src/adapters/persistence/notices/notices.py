"""Notices in PostgreSQL: one row per notice, one per action on it, and the bytes of issued letters."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.notices.notice_documents import NOTICE_ACTION, decode_action
from adapters.persistence.notices.notice_pages import notice_page
from adapters.persistence.notices.notice_rows import NOTICE_COLUMNS, from_row
from adapters.persistence.notices.notice_tables import notice_actions, notice_letters, notices
from adapters.persistence.notices.notice_writer import write_change
from adapters.persistence.notices.standing import standings
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from application.ports.notices.notices import (
    LetterFormat,
    NoticeChange,
    NoticeFilter,
    NoticePage,
    Notices,
    NoticeUnreadable,
)
from domain.notices.cancelling import Standing
from domain.notices.deadlines import NoticeClock
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.stored_document import UnreadableDocument

_ACTIONS = (
    select(notice_actions.c.action_id, notice_actions.c.document)
    .where(notice_actions.c.notice_id == bindparam("notice_id"))
    .order_by(notice_actions.c.number)
)
_CLAIMED = (
    select(idempotency_keys.c.fingerprint, notice_actions.c.notice_id)
    .outerjoin(notice_actions, notice_actions.c.action_id == idempotency_keys.c.subject)
    .where(idempotency_keys.c.actor == bindparam("actor"), idempotency_keys.c.key == bindparam("key"))
)
"""The notice of the action under a key, or none where the key belongs to something else."""


class PostgresNotices(Notices):
    """Reads the projection and the documents of actions. Actions are recorded on the chain of `events`."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: NoticeClock,
        events: EventChain | None = None,
        unreadable: UnreadableDocuments | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._events = events or EventChain()
        self._unreadable = unreadable or UnreadableDocuments()

    async def page(self, wanted: NoticeFilter, *, limit: int, cursor: str | None = None) -> NoticePage:
        async with transaction(self._engine) as connection:
            return await notice_page(connection, wanted, limit=limit, cursor=cursor)

    async def find(self, notice_id: UUID) -> Notice | None:
        query = select(*NOTICE_COLUMNS).where(notices.c.notice_id == notice_id)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else from_row(row._mapping)

    async def actions(self, notice_id: UUID) -> Sequence[NoticeAction]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_ACTIONS, {"notice_id": notice_id})).all()
        return [self._decoded(row.document, row.action_id, notice_id) for row in rows]

    def _decoded(self, document: str, action_id: UUID, notice_id: UUID) -> NoticeAction:
        try:
            return decode_action(document, action_id)
        except UnreadableDocument as fault:
            self._unreadable.report(NOTICE_ACTION.name, action_id, fault)
            raise NoticeUnreadable(f"action {action_id} of notice {notice_id} cannot be read: {fault}") from fault

    async def standing(self, notice: Notice) -> Standing:
        async with transaction(self._engine) as connection:
            return (await standings(connection, [notice.notice_id], self._clock))[notice.notice_id]

    async def notice_under(self, claim: Claim) -> UUID | None:
        async with transaction(self._engine) as connection:
            values = {"actor": claim.actor, "key": claim.key}
            row = (await connection.execute(_CLAIMED, values)).one_or_none()
        if row is None:
            return None
        claim.check_same_request(row.fingerprint)
        if row.notice_id is None:
            raise OriginalResponseUnavailable("this key was used for something other than an action on a notice")
        found: UUID = row.notice_id
        return found

    async def append(self, change: NoticeChange) -> None:
        async with transaction(self._engine) as connection:
            document = await write_change(connection, change, self._clock)
            await self._events.append_entries(connection, [document])

    async def letter(self, notice_id: UUID, form: LetterFormat) -> bytes | None:
        of_notice = and_(notice_letters.c.notice_id == notice_id, notice_letters.c.format == form.value)
        async with transaction(self._engine) as connection:
            content: bytes | None = await connection.scalar(select(notice_letters.c.content).where(of_notice))
        return content
