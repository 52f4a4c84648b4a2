"""The states of cases, applications, notices and loans in PostgreSQL, with what they follow from, page by page."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, Uuid, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.action_rows import bounded
from adapters.persistence.audit.decision_projections import PROJECTIONS
from adapters.persistence.cases.case_documents import decode_action
from adapters.persistence.cases.case_rows import CASE_COLUMNS, from_row
from adapters.persistence.cases.case_tables import UNFINISHED, case_actions, cases
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.decision_rows import AUDITED_DOCUMENT
from adapters.persistence.decisions.documents import decode
from adapters.persistence.notices.stored_notices import stored_notices
from adapters.persistence.outcomes.loan_states import compared_loans, next_loans
from adapters.persistence.reconsiderations.request_states import compared_requests, next_requests
from application.ports.audit.present_states import (
    ApplicationRow,
    ComparedApplication,
    ComparedLoan,
    ComparedRequests,
    ComparedRow,
    PresentStates,
    StoredCase,
    StoredNotice,
)
from domain.applications.application_action import ApplicationActionKind
from domain.decisions.decision_record import DecisionRecord
from domain.stored_document import UnreadableDocument

_PAGE_SIZE = 500
_BEGINNING = UUID(int=0)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_TYPES: Mapping[str, Any] = {
    "after": Uuid(),
    "first": Uuid(),
    "since": TIMESTAMP(timezone=True),
    "ids": ARRAY(Uuid()),
}


def _statement(sql: str) -> TextClause:
    found = text(sql)
    return found.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in found._bindparams if name in _TYPES))


_CHANGED = f"AND (case_id >= :first OR changed_at >= :since OR {UNFINISHED})"
_NEXT_CASES = "SELECT case_id, decision_id FROM cases WHERE case_id > :after {} ORDER BY case_id LIMIT :limit"
_MISSING = """
SELECT decision_id AS case_id, decision_id FROM decisions
WHERE decision_id > :after AND decision_id >= :first AND outcome = 'referred' AND trial IS NOT TRUE
    AND document LIKE '%"case_due_at"%' AND NOT EXISTS (SELECT FROM cases WHERE case_id = decisions.decision_id)
ORDER BY decision_id LIMIT :limit
"""
"""Decisions that opened a case which is not there."""
_WITHOUT_CASE = """
SELECT DISTINCT case_id, case_id AS decision_id FROM case_actions
WHERE case_id > :after AND action_id >= :first
    AND NOT EXISTS (SELECT FROM cases WHERE cases.case_id = case_actions.case_id)
    AND NOT EXISTS (SELECT FROM decisions WHERE decision_id = case_id)
ORDER BY case_id LIMIT :limit
"""
"""Cases that have actions and no row, other than those that decisions opened."""
_ACTIONS = (
    select(case_actions.c.case_id, case_actions.c.action_id, bounded(case_actions))
    .where(case_actions.c.case_id == any_(_IDS))
    .order_by(case_actions.c.case_id, case_actions.c.number)
)
_RECORDS = select(decisions.c.decision_id, AUDITED_DOCUMENT).where(decisions.c.decision_id == any_(_IDS))
_CASES = select(*CASE_COLUMNS).where(cases.c.case_id == any_(_IDS))
_DECIDED = _statement("SELECT case_id FROM final_decisions WHERE case_id = ANY(:ids)")
_APPLICATIONS = _statement(
    """
    SELECT known.application_id, applications.decision_id, state, version, changed_at, last.kind, last.number,
        last.at, last.decision AS acted_on, chain.superseded_by, chain.superseded_at,
        (
            SELECT min(opened_at) FROM cases
            WHERE cases.decision_id = known.application_id AND case_id <> cases.decision_id
        ) AS reviewed_at
    FROM (
        (SELECT application_id FROM applications WHERE application_id > :after ORDER BY 1 LIMIT :limit) UNION
        (SELECT application_id FROM application_actions WHERE application_id > :after ORDER BY 1 LIMIT :limit)
        UNION
        (SELECT application_id FROM superseded_decisions WHERE application_id > :after ORDER BY 1 LIMIT :limit)
        ORDER BY application_id LIMIT :limit
    ) AS known LEFT JOIN applications USING (application_id) LEFT JOIN LATERAL (
        SELECT kind, number, at, split_part(split_part(document, '"decision_id":"', 2), '"', 1) AS decision
        FROM application_actions WHERE application_actions.application_id = known.application_id
        ORDER BY number DESC LIMIT 1
    ) AS last ON true LEFT JOIN LATERAL (
        SELECT superseded_by, superseded_at FROM superseded_decisions AS newest
        WHERE newest.application_id = known.application_id AND NOT EXISTS (
            SELECT FROM superseded_decisions AS later WHERE later.decision_id = newest.superseded_by
        ) LIMIT 1
    ) AS chain ON true
    ORDER BY known.application_id
    """
)


class PostgresPresentStates(PresentStates):
    """Reads pages by key, each from one snapshot, and rests after each page as the reader of the trail does."""

    def __init__(self, engine: AsyncEngine, *, page_size: int = _PAGE_SIZE, rest: float = 0.0) -> None:
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._page_size = page_size
        self._rest = rest

    async def cases(self, *, since: datetime | None = None) -> AsyncIterator[StoredCase]:
        first = _BEGINNING if since is None else first_identifier(since)
        changed = {} if since is None else {"first": first, "since": since}
        queries: Sequence[tuple[str, Mapping[str, Any]]] = (
            (_NEXT_CASES.format("" if since is None else _CHANGED), changed),
            (_MISSING, {"first": first}),
            (_WITHOUT_CASE, {"first": first}),
        )
        for query, values in queries:
            async for connection, rows in self._pages(_statement(query), values):
                for stored in await _stored_cases(connection, rows):
                    yield stored

    async def applications(self) -> AsyncIterator[ComparedApplication]:
        async for _, rows in self._pages(_APPLICATIONS, {}):
            for row in rows:
                yield _compared(row)

    async def notices(self, *, since: datetime | None = None) -> AsyncIterator[StoredNotice]:
        after, page = _BEGINNING, None
        while page is None or len(page) == self._page_size:
            began = time.monotonic()
            async with transaction(self._engine) as connection:
                page = await stored_notices(connection, after=after, limit=self._page_size, since=since)
            for stored in page:
                after = stored.notice_id
                yield stored
            if self._rest:
                await asyncio.sleep(self._rest * (time.monotonic() - began))

    async def differing_rows(self, *, since: datetime | None = None) -> AsyncIterator[ComparedRow]:
        values = {"first": _BEGINNING if since is None else first_identifier(since)}
        for projection in PROJECTIONS:
            async for _, rows in self._pages(_statement(projection.rows), values, projection.after):
                for row in rows:
                    if found := projection.compared(row):
                        yield found
            async for _, rows in self._pages(_statement(projection.without), values):
                for row in rows:
                    if found := projection.missing(row):
                        yield found

    async def loans(self, *, since: datetime | None = None) -> AsyncIterator[ComparedLoan]:
        async for connection, rows in self._pages(*next_loans(since)):
            for compared in await compared_loans(connection, rows):
                yield compared

    async def requests(self, *, since: datetime | None = None) -> AsyncIterator[ComparedRequests]:
        statement, values = next_requests(since)
        async for connection, rows in self._pages(_statement(statement), values):
            for compared in await compared_requests(connection, rows):
                yield compared

    async def _pages(
        self, query: TextClause, values: Mapping[str, Any], keys: tuple[str, ...] = ("after",)
    ) -> AsyncIterator[tuple[AsyncConnection, Sequence[Row[Any]]]]:
        """Pages of rows that begin with the columns of the keys, by which they are ordered."""
        after: Mapping[str, Any] = dict.fromkeys(keys, "") if len(keys) > 1 else {keys[0]: _BEGINNING}
        rows = None
        while rows is None or len(rows) == self._page_size:
            began = time.monotonic()
            async with transaction(self._engine) as connection:
                parameters = {**values, **after, "limit": self._page_size}
                rows = (await connection.execute(query, parameters)).all()
                if rows:
                    after = dict(zip(keys, rows[-1], strict=False))
                    yield connection, rows
            if self._rest:
                await asyncio.sleep(self._rest * (time.monotonic() - began))


async def _stored_cases(connection: AsyncConnection, found: Sequence[Row[Any]]) -> list[StoredCase]:
    """The cases of a page, by four statements."""
    ids = {"ids": [row.case_id for row in found]}
    rows = {row.case_id: row._mapping for row in await connection.execute(_CASES, ids)}
    decided = set((await connection.execute(_DECIDED, ids)).scalars())
    actions: dict[UUID, list[Row[Any]]] = {}
    for row in await connection.execute(_ACTIONS, ids):
        actions.setdefault(row.case_id, []).append(row)
    records = {
        row.decision_id: row.document
        for row in await connection.execute(_RECORDS, {"ids": [row.decision_id for row in found]})
    }
    return [
        _stored_case(
            row, rows.get(row.case_id), records.get(row.decision_id), actions.get(row.case_id, ()), decided
        )
        for row in found
    ]


def _stored_case(
    found: Row[Any],
    row: Mapping[Any, Any] | None,
    document: str | None,
    actions: Sequence[Row[Any]],
    decided: set[UUID],
) -> StoredCase:
    record: DecisionRecord | None = None
    try:
        record = None if document is None else decode(document, found.decision_id)
        case = None if row is None else from_row(row)
        done = tuple([decode_action(each.document, each.action_id) for each in actions])
    except (UnreadableDocument, ValueError) as fault:
        problem = f"its state cannot be compared with its actions: {fault}"
        return StoredCase(found.case_id, found.decision_id, None, record, problem=problem)
    return StoredCase(found.case_id, found.decision_id, case, record, done, found.case_id in decided)


def _compared(row: Row[Any]) -> ComparedApplication:
    stored = None
    if row.state is not None:
        stored = ApplicationRow(row.decision_id, row.state, row.version, row.changed_at)
    expected = None
    if row.kind is not None:
        try:
            state = ApplicationActionKind(row.kind).state.value
            expected = ApplicationRow(UUID(row.acted_on), state, row.number, row.at)
        except ValueError as fault:  # an altered action, which the verification of entries reports too
            problem = f"its state cannot be compared with its actions: {fault}"
            return ComparedApplication(row.application_id, stored, None, problem)
    elif row.superseded_by is not None:
        expected = ApplicationRow(row.superseded_by, "open", 0, row.superseded_at)
    elif row.reviewed_at is not None:  # a review writes the row in order to lock it
        expected = ApplicationRow(row.application_id, "open", 0, row.reviewed_at)
    return ComparedApplication(row.application_id, stored, expected)
