"""Where the subjects of audit entries are stored: one registry by kind, which verification and its reader use."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.action_rows import (
    APPLICATION_ACTIONS,
    CASE_ACTIONS,
    FINAL_DECISIONS,
    LOAN_OUTCOMES,
    NOTICE_ACTIONS,
    RECONSIDERATION_ACTIONS,
    DocumentRows,
    Documents,
)
from adapters.persistence.audit.event_rows import BOUNDED_DOCUMENT
from adapters.persistence.database.tables import decisions, recorded_events
from adapters.persistence.decisions.decision_rows import AUDITED_DOCUMENT, SEARCH_COLUMNS, audited_document
from domain.audit.entry import AuditEntry
from domain.audit.subject import DECISION_RECORDED, SubjectKind

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_DECISIONS = select(AUDITED_DOCUMENT, *SEARCH_COLUMNS).where(decisions.c.decision_id == any_(_IDS))
_EVENTS = select(recorded_events.c.event_id, recorded_events.c.kind, BOUNDED_DOCUMENT).where(
    recorded_events.c.event_id == any_(_IDS)
)


@dataclass(frozen=True, slots=True)
class StoredSubjects:
    """One kind: the column of identifiers, which begin with a time, and how documents are read."""

    identifier: Column[Any]
    read: Callable[[AsyncConnection, Sequence[UUID]], Awaitable[Documents]]


async def _read_decisions(connection: AsyncConnection, ids: Sequence[UUID]) -> Documents:
    rows = (await connection.execute(_DECISIONS, {"ids": ids})).all()
    return {(row.decision_id, DECISION_RECORDED): audited_document(row._mapping) for row in rows}


async def _read_events(connection: AsyncConnection, ids: Sequence[UUID]) -> Documents:
    """An event whose kind differs from its entry's action counts as missing."""
    rows = (await connection.execute(_EVENTS, {"ids": ids})).all()
    return {(row.event_id, row.kind): row.document.encode() for row in rows}


def _stored(rows: DocumentRows) -> StoredSubjects:
    return StoredSubjects(rows.identifier, rows.read)


SUBJECTS: Mapping[SubjectKind, StoredSubjects] = {
    SubjectKind.DECISION: StoredSubjects(decisions.c.decision_id, _read_decisions),
    SubjectKind.EVENT: StoredSubjects(recorded_events.c.event_id, _read_events),
    SubjectKind.CASE_ACTION: _stored(CASE_ACTIONS),
    SubjectKind.FINAL_DECISION: _stored(FINAL_DECISIONS),
    SubjectKind.APPLICATION_ACTION: _stored(APPLICATION_ACTIONS),
    SubjectKind.NOTICE_ACTION: _stored(NOTICE_ACTIONS),
    SubjectKind.RECONSIDERATION_ACTION: _stored(RECONSIDERATION_ACTIONS),
    SubjectKind.LOAN_OUTCOME: _stored(LOAN_OUTCOMES),
}


async def documents_of(connection: AsyncConnection, entries: Iterable[AuditEntry]) -> Documents:
    """The documents of the entries' subjects, one statement for each kind."""
    ids: dict[SubjectKind, list[UUID]] = {}
    for entry in entries:
        ids.setdefault(entry.kind, []).append(entry.subject)
    found: dict[tuple[UUID, str], bytes] = {}
    for kind, subjects in ids.items():
        found.update(await SUBJECTS[kind].read(connection, subjects))
    return found
