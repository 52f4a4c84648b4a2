"""Pages of cases: their criteria, order and cursor."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    any_,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.cases.case_rows import CASE_COLUMNS, from_row
from adapters.persistence.cases.case_tables import UNFINISHED, cases
from adapters.persistence.decisions.archive.cursors import from_cursor, to_cursor
from application.ports.cases.cases import CaseFilter, CasePage
from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionSort
from domain.applications.money import Money
from domain.cases.case_state import CaseState

_OF_FINISHED, _OF_UNFINISHED = DecisionSort.NEWEST, DecisionSort.OLDEST
"""The orders of time of the two lists, by which cursors are written."""


async def case_page(
    connection: AsyncConnection, wanted: CaseFilter, *, at: datetime, limit: int, cursor: str | None
) -> CasePage:
    """The page at the cursor, and the number of matches; raises InvalidCursor."""
    matching = select(*CASE_COLUMNS).where(*_conditions(wanted, at))
    page = _from_cursor(matching, wanted, cursor).limit(limit + 1)
    rows = (await connection.execute(page)).all()
    counted = select(func.count()).select_from(matching.limit(MAX_COUNTED).subquery())
    total = (await connection.execute(counted)).scalar_one()
    found = tuple([from_row(row._mapping) for row in rows[:limit]])
    if len(rows) <= limit:
        return CasePage(found, None, total)
    last = found[-1]
    moment = last.ended_at if wanted.of_finished else last.due_at
    sort = _OF_FINISHED if wanted.of_finished else _OF_UNFINISHED
    return CasePage(found, to_cursor(sort, moment, last.case_id), total)


def _from_cursor(matching: Select[Any], wanted: CaseFilter, cursor: str | None) -> Select[Any]:
    order = tuple_(cases.c.ended_at if wanted.of_finished else cases.c.due_at, cases.c.case_id)
    if wanted.of_finished:
        if cursor is not None:
            matching = matching.where(order < tuple_(*from_cursor(_OF_FINISHED, cursor)))
        return matching.order_by(cases.c.ended_at.desc(), cases.c.case_id.desc())
    if cursor is not None:
        matching = matching.where(order > tuple_(*from_cursor(_OF_UNFINISHED, cursor)))
    return matching.order_by(cases.c.due_at, cases.c.case_id)


def _conditions(wanted: CaseFilter, at: datetime) -> Iterator[ColumnElement[bool]]:
    yield cases.c.ended_at.is_not(None) if wanted.of_finished else literal_column(UNFINISHED, Boolean)
    yield or_(*(_seen_as(state, at) for state in wanted.states))
    if wanted.assignee is not None:
        yield cases.c.assignee == wanted.assignee
    if wanted.decision_id is not None:
        yield cases.c.decision_id == wanted.decision_id
    if wanted.quality is not None:
        yield cases.c.quality == wanted.quality.value
    if wanted.applicant_request:
        yield cases.c.request_due_at.is_not(None)
    if wanted.due_before is not None:
        yield cases.c.due_at < wanted.due_before
    if wanted.minimum_amount is not None:
        yield cases.c.loan_amnt >= _dollars(wanted.minimum_amount)
    if wanted.maximum_amount is not None:
        yield cases.c.loan_amnt <= _dollars(wanted.maximum_amount)
    if wanted.reason is not None:
        yield literal(wanted.reason) == any_(cases.c.reasons)


def _seen_as(state: CaseState, at: datetime) -> ColumnElement[bool]:
    """Whether people see the case in this state: one with an expired lease is open."""
    stored = cases.c.state == state.value
    held = func.coalesce(cases.c.lease_until > at, False)
    if state is CaseState.ASSIGNED:
        return and_(stored, held)
    if state is CaseState.OPEN:
        return or_(stored, and_(cases.c.state == CaseState.ASSIGNED.value, ~held))
    return stored


def _dollars(amount: Money) -> Decimal:
    return Decimal(amount.cents).scaleb(-2)
