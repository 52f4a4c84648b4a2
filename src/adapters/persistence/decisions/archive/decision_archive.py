"""The archive of decisions in PostgreSQL."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.archive.cursors import from_cursor, to_cursor
from adapters.persistence.decisions.archive.decision_search import NAMES, conditions, searched_name
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS, RecordReader
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionArchive, DecisionFilter, DecisionPage
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

_CUSTOM_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")


class PostgresDecisionArchive(DecisionArchive):
    """Keyset pagination, newest first: decisions added meanwhile neither repeat nor hide one.

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

        Where many match, the newest are found in the index `decisions_newest` alone. Where few do, the indexes of
        filters find all of them. PostgreSQL chooses by the values of the filter.
        """
        async with transaction(self._engine) as connection:
            await connection.execute(_CUSTOM_PLAN)
            name = searched_name(query)
            names = None if name is None else await connection.scalar(NAMES, {"text": name})
            return await self._page(connection, conditions(query, owner, names, self._purposes), limit, cursor)

    async def _page(
        self, connection: AsyncConnection, criteria: Sequence[ColumnElement[bool]], limit: int, cursor: str | None
    ) -> DecisionPage:
        key = tuple_(decisions.c.decided_at, decisions.c.decision_id)
        matching = select(decisions.c.decided_at, decisions.c.decision_id).where(*criteria)
        capped = select(literal(1)).where(*criteria).select_from(decisions).limit(MAX_COUNTED)
        if cursor is not None:
            matching = matching.where(key < from_cursor(cursor))
        newest = (decisions.c.decided_at.desc(), decisions.c.decision_id.desc())
        found = matching.order_by(*newest).limit(limit + 1).cte()
        page_query = (
            select(*RECORD_COLUMNS)
            .join(found, decisions.c.decision_id == found.c.decision_id)
            .order_by(found.c.decided_at.desc(), found.c.decision_id.desc())
        )
        rows = (await connection.execute(page_query)).all()
        if cursor is None and len(rows) <= limit:  # this page has all matches
            total = len(rows)
        else:
            total = await connection.scalar(select(func.count()).select_from(capped.subquery())) or 0
        page, further = rows[:limit], rows[limit:]
        return DecisionPage(
            records=tuple(self._reader.read(row._mapping) for row in page),
            next_cursor=to_cursor(page[-1].decided_at, page[-1].decision_id) if further else None,
            total=total,
        )
