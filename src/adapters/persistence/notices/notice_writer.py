"""Writes an action on a notice with its audit entry, in a given transaction."""

from hashlib import sha256

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.audit_events import AuditedDocument
from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.notices.notice_documents import encode_action
from adapters.persistence.notices.notice_rows import CHANGED, to_row
from adapters.persistence.notices.notice_tables import notice_actions, notice_letters, notices
from adapters.persistence.notices.standing import standings
from application.ports.decisions.idempotency import Claim
from application.ports.notices.notices import NoticeAlreadyClaimed, NoticeChange, NoticeConflict
from domain.notices.cancelling import require_owed
from domain.notices.deadlines import NoticeClock
from domain.notices.notice_state import NoticeState

_columns = notices.c


async def write_change(connection: AsyncConnection, change: NoticeChange, clock: NoticeClock) -> AuditedDocument:
    """Write the notice, the action and its letter; returns the document whose audit entry is to follow.

    The row is locked first, so that of two actions at the same moment the second one finds the first. Raises
    NoticeConflict, NoticeAlreadyClaimed, and NoticeNotOwed for a letter of a notice that is not owed any more.
    """
    action, notice = change.action, change.notice
    if change.claim is not None:
        await _claim(connection, change, change.claim)
    row = to_row(notice)
    changed = (
        update(notices)
        .where(_columns.notice_id == notice.notice_id, _columns.version == action.number - 1)
        .values({name: row[name] for name in CHANGED})
    )
    if (await connection.execute(changed.returning(_columns.notice_id))).one_or_none() is None:
        raise NoticeConflict("the notice was changed at the same time")
    if notice.state is NoticeState.ISSUED and change.letters:
        require_owed(notice, (await standings(connection, [notice.notice_id], clock))[notice.notice_id])
    document = encode_action(action)
    await connection.execute(
        insert(notice_actions).values(
            action_id=action.action_id,
            notice_id=action.notice_id,
            number=action.number,
            at=action.at,
            actor=action.actor.name,
            kind=action.kind.value,
            document=document.decode(),
        )
    )
    for form, content in change.letters:
        await connection.execute(
            insert(notice_letters).values(
                notice_id=notice.notice_id, format=form.value, sha256=sha256(content).digest(), content=content
            )
        )
    return AuditedDocument(action.at, action.actor.name, action.kind.value, action.action_id, document)


async def _claim(connection: AsyncConnection, change: NoticeChange, claim: Claim) -> None:
    names = ("actor", "key", "fingerprint")
    row = {name: getattr(claim, name) for name in names} | {"subject": change.action.action_id}
    claimed = insert_or_update(idempotency_keys).values(row).on_conflict_do_nothing()
    if (await connection.execute(claimed.returning(idempotency_keys.c.subject))).one_or_none() is None:
        raise NoticeAlreadyClaimed("an action was recorded under the same key at the same time")
