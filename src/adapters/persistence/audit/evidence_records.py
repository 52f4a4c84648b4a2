"""What exports of evidence read from PostgreSQL."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, Uuid, any_, bindparam, case, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.action_rows import MAX_DOCUMENT_BYTES as MAX_ACTION_BYTES
from adapters.persistence.audit.checkpoints import with_heads
from adapters.persistence.audit.event_rows import MAX_DOCUMENT_BYTES as MAX_EVENT_BYTES
from adapters.persistence.audit.event_rows import about_any
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import audit_entries, checkpoints, decisions, recorded_events
from adapters.persistence.decisions.documents import MAX_DOCUMENT_BYTES
from application.ports.audit.evidence_records import Coverage, EvidenceRecords, Place, StoredAction, StoredSubject
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import AuditEntry
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED

_PAGE_SIZE = 1000
"""Entries that are read and written at a time, in some five milliseconds in which nothing else is answered."""
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_DECISIONS = select(
    decisions.c.decision_id,
    case((func.octet_length(decisions.c.document) <= MAX_DOCUMENT_BYTES, decisions.c.document)).label("document"),
).where(decisions.c.decision_id == any_(_IDS))
_ENTRIES = (
    select(audit_entries)
    .where(audit_entries.c.subject == any_(_IDS))
    .order_by(audit_entries.c.at, audit_entries.c.chain, audit_entries.c.sequence)
)
_ACTIONS = text(
    f"""
    WITH wanted AS (SELECT unnest(CAST(:ids AS uuid[])) AS decision_id), applications AS (
        SELECT DISTINCT wanted.decision_id, coalesce(application_id, wanted.decision_id) AS application_id
        FROM wanted LEFT JOIN superseded_decisions
            ON superseded_decisions.decision_id = wanted.decision_id OR superseded_by = wanted.decision_id
    ), case_identifiers AS (
        SELECT decision_id, decision_id AS case_id FROM wanted
        UNION SELECT decision_id, case_id FROM wanted JOIN cases USING (decision_id) WHERE case_id <> decision_id
    )
    SELECT decision_id, action_id AS identifier, kind AS action,
        CASE WHEN octet_length(document) <= {MAX_ACTION_BYTES} THEN document END AS document
    FROM (
        SELECT decision_id, action_id, kind, document FROM case_identifiers JOIN case_actions USING (case_id)
        UNION ALL
        SELECT decision_id, action_id, kind, document
        FROM applications JOIN application_actions USING (application_id)
        UNION ALL
        SELECT decision_id, action_id, notice_actions.kind, document
        FROM wanted JOIN notices USING (decision_id) JOIN notice_actions USING (notice_id)
    ) AS actions
    ORDER BY identifier LIMIT :limit
    """  # noqa: S608 - our own text
)
_FINAL_DECISIONS = text(
    f"""
    SELECT decision_id, final_decision_id AS identifier, '{FINAL_DECISION_RECORDED}' AS action,
        CASE WHEN octet_length(document) <= {MAX_ACTION_BYTES} THEN document END AS document
    FROM final_decisions WHERE decision_id = ANY(CAST(:ids AS uuid[])) ORDER BY identifier
    """  # noqa: S608 - our own text
)
_COVERAGE = text(
    """
    SELECT place.chain, place.sequence, head.number, head.length
    FROM unnest(CAST(:chains AS uuid[]), CAST(:sequences AS bigint[])) AS place (chain, sequence)
    CROSS JOIN LATERAL (
        SELECT number, length FROM checkpoint_heads JOIN checkpoints USING (number)
        WHERE checkpoint_heads.chain = place.chain AND length >= place.sequence
        AND (CAST(:any_key AS boolean) OR public_key = ANY(CAST(:trusted AS bytea[])))
        ORDER BY length, number LIMIT 1
    ) AS head
    """
)


class PostgresEvidenceRecords(EvidenceRecords):
    """Reads by index. Records are only added, so that several statements see the same records."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def decisions(self, identifiers: Collection[UUID]) -> Sequence[StoredSubject]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_DECISIONS, {"ids": list(identifiers)})).all()
            documents = {row.decision_id: row.document for row in rows}
            known = [identifier for identifier in identifiers if identifier in documents]
            actions = dict.fromkeys(known, DECISION_RECORDED)
            return await _with_entries(connection, documents, actions)

    async def actions_on(self, identifiers: Collection[UUID], *, limit: int) -> Sequence[StoredAction]:
        return await self._actions(_ACTIONS, {"ids": list(identifiers), "limit": limit})

    async def final_decisions_on(self, identifiers: Collection[UUID]) -> Sequence[StoredAction]:
        return await self._actions(_FINAL_DECISIONS, {"ids": list(identifiers)})

    async def _actions(self, query: TextClause, parameters: Mapping[str, Any]) -> Sequence[StoredAction]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query, parameters)).all()
            documents = {row.identifier: row.document for row in rows}
            subjects = await _with_entries(connection, documents, {row.identifier: row.action for row in rows})
        found = {subject.identifier: subject for subject in subjects}
        return [StoredAction(row.decision_id, found[row.identifier]) for row in rows]

    async def events_about(
        self, subjects: Collection[str], *, kinds: Collection[str] = (), limit: int
    ) -> Sequence[StoredSubject]:
        if not subjects:
            return []
        document = case(
            (func.octet_length(recorded_events.c.document) <= MAX_EVENT_BYTES, recorded_events.c.document)
        )
        query = select(recorded_events.c.event_id, recorded_events.c.kind, document.label("document"))
        query = query.where(about_any(subjects)).order_by(recorded_events.c.event_id.desc()).limit(limit)
        if kinds:
            query = query.where(recorded_events.c.kind.in_(list(kinds)))
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
            documents = {row.event_id: row.document for row in rows}
            return await _with_entries(connection, documents, {row.event_id: row.kind for row in rows})

    async def coverage(
        self, places: Collection[Place], trusted: Collection[bytes] = ()
    ) -> Mapping[Place, Coverage]:
        parameters = {
            "chains": [place.chain for place in places],
            "sequences": [place.sequence for place in places],
            "any_key": not trusted,
            "trusted": list(trusted),
        }
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_COVERAGE, parameters)).all()
        return {Place(row.chain, row.sequence): Coverage(row.number, row.length) for row in rows}

    async def checkpoints(self, numbers: Collection[int]) -> Sequence[SignedCheckpoint]:
        query = select(checkpoints).where(checkpoints.c.number.in_(sorted(numbers))).order_by(checkpoints.c.number)
        async with transaction(self._engine) as connection:
            return await with_heads(connection, (await connection.execute(query)).all())

    async def links(self, chain: UUID, first: int, last: int) -> AsyncIterator[AuditEntry]:
        columns = audit_entries.c
        while first <= last:
            query = select(audit_entries).where(columns.chain == chain, columns.sequence.between(first, last))
            async with transaction(self._engine) as connection:
                rows = (await connection.execute(query.order_by(columns.sequence).limit(_PAGE_SIZE))).all()
            for row in rows:
                yield AuditEntry(*row)
            if len(rows) < _PAGE_SIZE:
                return
            first = rows[-1].sequence + 1


async def _with_entries(
    connection: AsyncConnection, documents: Mapping[UUID, str | None], actions: Mapping[UUID, str]
) -> list[StoredSubject]:
    """The subjects with these documents, in the order of `actions`, each with its entries of that action."""
    entries: dict[UUID, list[AuditEntry]] = {}
    for row in (await connection.execute(_ENTRIES, {"ids": list(actions)})).all():
        entry = AuditEntry(*row)
        if entry.action == actions[entry.subject]:
            entries.setdefault(entry.subject, []).append(entry)
    return [
        StoredSubject(
            each, None if (found := documents[each]) is None else found.encode(), tuple(entries.get(each, ()))
        )
        for each in actions
    ]
