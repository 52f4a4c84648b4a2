"""Notices with their actions and the digests of their letters, for verification."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, any_, bindparam, func, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.action_rows import bounded
from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.notices.notice_documents import decode_action
from adapters.persistence.notices.notice_rows import NOTICE_COLUMNS, from_row
from adapters.persistence.notices.notice_tables import notice_actions, notice_letters, notices
from adapters.persistence.notices.openings import openings, without_notice
from application.ports.audit.present_states import StoredNotice
from application.ports.notices.notices import LetterFormat
from domain.notices.notice_state import NoticeState
from domain.notices.opening import AdverseEvent
from domain.stored_document import UnreadableDocument

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NOTICES = select(*NOTICE_COLUMNS).where(notices.c.notice_id == any_(_IDS))
_ACTIONS = (
    select(notice_actions.c.notice_id, notice_actions.c.action_id, bounded(notice_actions))
    .where(notice_actions.c.notice_id == any_(_IDS))
    .order_by(notice_actions.c.notice_id, notice_actions.c.number)
)
_DIGESTS = select(
    notice_letters.c.notice_id,
    notice_letters.c.format,
    func.encode(func.sha256(notice_letters.c.content), "hex").label("digest"),
).where(notice_letters.c.notice_id == any_(_IDS))


async def stored_notices(
    connection: AsyncConnection, *, after: UUID, limit: int, since: datetime | None
) -> list[StoredNotice]:
    """The next notices by their identifier, and those without a row that have traces or should be there."""
    tables = (notices, notice_actions, notice_letters)
    known = [select(table.c.notice_id).where(table.c.notice_id > after) for table in tables]
    if since is not None:
        changed = (notices.c.changed_at >= since, notices.c.notice_id >= first_identifier(since))
        known[0] = known[0].where(or_(*changed, notices.c.state == NoticeState.DUE.value))
        known[1] = known[1].where(notice_actions.c.at >= since)
        known.pop()
    of_each = [each.distinct().order_by(each.selected_columns[0]).limit(limit).subquery() for each in known]
    found = union(*(select(each.c.notice_id) for each in of_each)).subquery()
    page = select(found.c.notice_id).order_by(found.c.notice_id).limit(limit)
    stored = (await connection.execute(page)).scalars().all()
    lacking = await without_notice(connection, after=after, limit=limit, since=since)
    ids = sorted({*stored, *lacking})[:limit]
    return await _read(connection, ids) if ids else []


async def _read(connection: AsyncConnection, ids: Sequence[UUID]) -> list[StoredNotice]:
    given = {"ids": list(ids)}
    rows = {row.notice_id: row for row in await connection.execute(_NOTICES, given)}
    actions: dict[UUID, list[Row[Any]]] = {}
    for row in await connection.execute(_ACTIONS, given):
        actions.setdefault(row.notice_id, []).append(row)
    digests = {(row.notice_id, row.format): row.digest for row in await connection.execute(_DIGESTS, given)}
    made = await openings(connection, ids)
    return [_stored(each, rows.get(each), actions.get(each, ()), digests, made.get(each)) for each in ids]


def _stored(
    notice_id: UUID,
    row: Row[Any] | None,
    actions: Sequence[Row[Any]],
    digests: Mapping[tuple[UUID, str], str],
    opening: AdverseEvent | None,
) -> StoredNotice:
    try:
        notice = None if row is None else from_row(row._mapping)
        done = tuple([decode_action(each.document, each.action_id) for each in actions])
    except (UnreadableDocument, ValueError) as fault:
        return StoredNotice(notice_id, None, problem=f"its state cannot be compared with its actions: {fault}")
    html, pdf = (digests.get((notice_id, form.value), "") for form in LetterFormat)
    return StoredNotice(notice_id, notice, done, html, pdf, opening)
