"""The archive of decisions in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, asc, desc, func, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.cases.final_outcomes import final_outcomes
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.archive.cursors import from_cursor, to_cursor
from adapters.persistence.decisions.archive.decision_search import (
    NAMES,
    REFERENCES,
    conditions,
    reference_pattern,
    searched_name,
)
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS, RecordReader
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.decisions.decision_archive import (
    MAX_COUNTED,
    DecisionArchive,
    DecisionFilter,
    DecisionPage,
    DecisionSort,
)
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

_ORDERS: Mapping[DecisionSort, tuple[ColumnElement[Any], bool]] = {
    DecisionSort.NEWEST: (decisions.c.decided_at, False),
    DecisionSort.OLDEST: (decisions.c.decided_at, True),
    DecisionSort.AMOUNT: (decisions.c.loan_amnt, False),
    DecisionSort.AMOUNT_ASCENDING: (decisions.c.loan_amnt, True),
    DecisionSort.PD: (decisions.c.pd, False),
    DecisionSort.PD_ASCENDING: (decisions.c.pd, True),
}
"""The column of each order, and whether it ascends."""
_CUSTOM_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")


class PostgresDecisionArchive(DecisionArchive):
    """Keyset pagination: decisions added meanwhile neither repeat nor hide one.

    `purposes` are all loan purposes, which a text is looked for in.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        unreadable: UnreadableDocuments | None = None,
        purposes: Collection[str] = (),
    ) -> None:
        self._engine = engine
        self._purposes = purposes
        self._reader = RecordReader(unreadable or UnreadableDocuments())

    async def find(self, decision_id: UUID) -> DecisionRecord | UnreadableDecision | None:
        query = select(*RECORD_COLUMNS).where(decisions.c.decision_id == decision_id)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else self._reader.read(row._mapping)

    async def page(
        self, query: DecisionFilter, *, limit: int, cursor: str | None = None, owner: str | None = None
    ) -> DecisionPage:
        """A page of the matching decisions; documents are read for that page only.

        Where many match, the first are found in the index of the order alone. Where few do, the indexes of filters
        find all of them. PostgreSQL chooses by the values of the filter.
        """
        async with transaction(self._engine) as connection:
            await connection.execute(_CUSTOM_PLAN)
            name = searched_name(query)
            names = None if name is None else await connection.scalar(NAMES, {"text": name})
            references = True if name is None else await connection.scalar(REFERENCES, reference_pattern(name))
            criteria = conditions(query, owner, names, self._purposes, references=references is not False)
            return await self._page(connection, criteria, query.sort, limit, cursor)

    async def _page(
        self,
        connection: AsyncConnection,
        criteria: Sequence[ColumnElement[bool]],
        sort: DecisionSort,
        limit: int,
        cursor: str | None,
    ) -> DecisionPage:
        value, ascending = _ORDERS[sort]
        key = tuple_(value, decisions.c.decision_id)
        matching = select(value.label("value"), decisions.c.decision_id).where(*criteria)
        capped = select(literal(1)).where(*criteria).select_from(decisions).limit(MAX_COUNTED)
        if cursor is not None:
            last = from_cursor(sort, cursor)
            matching = matching.where(key > last if ascending else key < last)
        direction = asc if ascending else desc
        ordered = matching.order_by(direction(value), direction(decisions.c.decision_id))
        found = ordered.limit(limit + 1).cte()
        page_query = (
            select(*RECORD_COLUMNS, found.c.value)
            .join(found, decisions.c.decision_id == found.c.decision_id)
            .order_by(direction(found.c.value), direction(found.c.decision_id))
        )
        rows = (await connection.execute(page_query)).all()
        if cursor is None and len(rows) <= limit:  # this page has all matches
            total = len(rows)
        else:
            total = await connection.scalar(select(func.count()).select_from(capped.subquery())) or 0
        page, further = rows[:limit], rows[limit:]
        outcomes = await final_outcomes(connection, [row.decision_id for row in page])
        return DecisionPage(
            records=tuple(self._reader.read(row._mapping) for row in page),
            next_cursor=to_cursor(sort, page[-1].value, page[-1].decision_id) if further else None,
            total=total,
            final_outcomes=outcomes,
        )
