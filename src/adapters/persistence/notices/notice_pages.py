"""Pages of notices: their criteria, order and cursor."""

from collections.abc import Iterator

from sqlalchemy import Boolean, ColumnElement, and_, func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.decisions.archive.cursors import from_cursor, to_cursor
from adapters.persistence.notices.notice_rows import NOTICE_COLUMNS, from_row
from adapters.persistence.notices.notice_tables import UNSENT, notices
from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionSort
from application.ports.notices.notices import NoticeFilter, NoticePage
from domain.notices.notice_state import NoticeState

_ORDER = DecisionSort.OLDEST
"""The order of time by which cursors are written."""
_columns = notices.c


async def notice_page(
    connection: AsyncConnection, wanted: NoticeFilter, *, limit: int, cursor: str | None
) -> NoticePage:
    """The page at the cursor, and the number of matches; raises InvalidCursor."""
    matching = select(*NOTICE_COLUMNS).where(*_conditions(wanted))
    order = tuple_(_columns.due_at, _columns.notice_id)
    page = matching if cursor is None else matching.where(order > tuple_(*from_cursor(_ORDER, cursor)))
    rows = (await connection.execute(page.order_by(_columns.due_at, _columns.notice_id).limit(limit + 1))).all()
    counted = select(func.count()).select_from(matching.limit(MAX_COUNTED).subquery())
    total = (await connection.execute(counted)).scalar_one()
    found = tuple([from_row(row._mapping) for row in rows[:limit]])
    following = to_cursor(_ORDER, found[-1].due_at, found[-1].notice_id) if len(rows) > limit else None
    return NoticePage(found, following, total)


def _conditions(wanted: NoticeFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.states < frozenset(NoticeState):
        yield _columns.state.in_([state.value for state in wanted.states])
    if wanted.kind is not None:
        yield _columns.kind == wanted.kind.value
    if wanted.overdue_at is not None:
        yield and_(literal_column(UNSENT, Boolean), _columns.due_at <= wanted.overdue_at)
    if wanted.application_id is not None:
        yield _columns.application_id == wanted.application_id
    if wanted.decision_id is not None:
        yield _columns.decision_id == wanted.decision_id
    if wanted.requested_by is not None:
        yield _columns.requested_by == wanted.requested_by
    if wanted.due_before is not None:
        yield _columns.due_at < wanted.due_before
