"""Figures of decisions: aggregates, and what they do not contain yet, counted in PostgreSQL."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Interval,
    Row,
    SmallInteger,
    Text,
    TextClause,
    Uuid,
    bindparam,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import TypeEngine

from adapters.persistence.audit.pending_entries import PREPARE
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.database.texts import storable
from adapters.persistence.monitoring.aggregate_statements import READ_EVERYTHING, READ_PENDING
from adapters.persistence.monitoring.figure_statements import (
    HOUR_LIMITS,
    READ_NAMES,
    figure_statements,
    people_statement,
)
from adapters.persistence.monitoring.period_parts import edge_hours, parts_of
from application.ports.monitoring.decision_figures import DecisionFigures
from domain.applications.money import Money
from domain.monitoring.cells import Cell, overview_of
from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter, OverviewNames
from domain.monitoring.period import Period
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Confidence, Outcome

MAX_PENDING = 100_000
"""With more entries that are not in the aggregates yet, it is faster to count all decisions of the period."""
_LONGEST_DELAY = 3_600_000 << 80
"""How far the time in an identifier, which is made with the decision, may be from the decision's: an hour."""
_LAST_IDENTIFIER = (1 << 128) - 1
_TIMESTAMP = DateTime(timezone=True)
_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(("start", "end", "first", "last", "first_step"), _TIMESTAMP),
    **dict.fromkeys(("part_starts", "part_ends", "hours"), ARRAY(_TIMESTAMP)),
    "part_hours": ARRAY(SmallInteger),
    "step": Interval(),
    "limit": BigInteger(),
    "subjects": ARRAY(Uuid()),
    **dict.fromkeys(("outer_first", "outer_last", "inner_first", "inner_last"), Uuid()),
    **dict.fromkeys(("grade", "received_through", "channel", "source"), Text()),
}


def _statement(sql: str) -> TextClause:
    statement = text(sql)
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in statement._bindparams))


_PREPARE, _READ_EVERYTHING, _READ_PENDING, _HOUR_LIMITS, _READ_NAMES = map(
    _statement, (PREPARE, READ_EVERYTHING, READ_PENDING, HOUR_LIMITS, READ_NAMES)
)
_NAMED = ("channel", "source")


@cache
def _statements(aggregated: bool, criteria: tuple[str, ...]) -> Sequence[TextClause]:
    return [_statement(sql) for sql in figure_statements(aggregated=aggregated, criteria=criteria)]


@cache
def _people_statement(criteria: tuple[str, ...]) -> TextClause:
    return _statement(people_statement(criteria))


_CODE = re.compile("[A-Z][A-Z0-9_]*")
"""The codes of reasons of any product."""


class PostgresDecisionFigures(DecisionFigures):
    """Figures by four statements on one snapshot.

    Concurrent requests for the same period share one computation. At most `max_concurrent` run at once, since each
    may take seconds where aggregates are missing, and other readers need connections too.
    """

    def __init__(self, engine: AsyncEngine, *, max_concurrent: int = 2, max_pending: int = MAX_PENDING) -> None:
        self._engine = engine
        self._slots = asyncio.Semaphore(max_concurrent)
        self._running: dict[tuple[Period, OverviewFilter], asyncio.Task[Overview]] = {}
        self._max_pending = max_pending

    async def over(self, period: Period, wanted: OverviewFilter = DEFAULT_FILTER) -> Overview:
        count = self._running.get((period, wanted))
        if count is None:
            count = self._running[period, wanted] = asyncio.create_task(self._count(period, wanted))
        return await asyncio.shield(count)  # a cancelled request must not stop it for the others

    async def names(self) -> OverviewNames:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_READ_NAMES)).all()
        return OverviewNames(*(tuple(row.name for row in rows if row.dimension == each) for each in _NAMED))

    async def _count(self, period: Period, wanted: OverviewFilter) -> Overview:
        try:
            async with self._slots:
                return await self._figures(period, wanted)
        finally:
            del self._running[period, wanted]

    async def _figures(self, period: Period, wanted: OverviewFilter) -> Overview:
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            await connection.execute(_PREPARE)
            criteria = _criteria(wanted)
            pending = (await connection.scalars(_READ_PENDING, {"limit": self._max_pending + 1})).all()
            aggregated = len(pending) <= self._max_pending and await _has_sums(connection, wanted)
            if aggregated:
                values = await _values(connection, period) | {"subjects": pending}
            else:
                await connection.execute(_READ_EVERYTHING)
                values = {"start": period.start, "end": period.end}
            statements = _statements(aggregated, tuple(criteria))
            given = {name: value for name, value in criteria.items() if value is not None}
            values |= given
            steps = {"step": period.step, "first_step": period.first_step}
            time_series = (await connection.execute(statements[0], values | steps)).all()
            cells = (await connection.execute(statements[1], values)).all()
            reasons = (await connection.execute(statements[2], values)).all()
            people = await connection.execute(_people_statement(tuple(criteria)), _identifiers(period) | given)
            decided = {(Outcome(row[0]), FinalOutcome(row[1])): int(row[2]) for row in people}
        series: Counter[Any] = Counter()
        for begun, outcome, count in time_series:
            series[begun, Outcome(outcome)] += int(count)
        stated: Counter[str] = Counter()
        for code, count in reasons:
            if _CODE.fullmatch(code):  # else the document is not readable
                stated[code] += int(count)
        return overview_of(
            period,
            time_series=series,
            cells=map(_cell, cells),
            reasons=stated,
            outside_domain=sum(int(cell.outside_domain) for cell in cells),
            people=decided,
        )


def _identifiers(period: Period) -> dict[str, Any]:
    """The period, and the first and last identifiers of decisions that can and that must be in it."""
    first, last = first_identifier(period.start).int, first_identifier(period.end).int
    return {
        "start": period.start,
        "end": period.end,
        "outer_first": UUID(int=max(first - _LONGEST_DELAY, 0)),
        "outer_last": UUID(int=min(last + _LONGEST_DELAY, _LAST_IDENTIFIER)),
        "inner_first": UUID(int=first + _LONGEST_DELAY),
        "inner_last": UUID(int=max(last - _LONGEST_DELAY, 0)),
    }


def _criteria(wanted: OverviewFilter) -> dict[str, str | None]:
    """The criteria of a filter with their values."""
    given = {
        "channel": wanted.channel,
        "received_through": wanted.received_through,
        "source": wanted.source,
        "grade": wanted.grade,
    }
    found: dict[str, str | None] = {} if wanted.include_trials else {"no_trials": None}
    return found | {name: storable(value) for name, value in given.items() if value is not None}


async def _has_sums(connection: AsyncConnection, wanted: OverviewFilter) -> bool:
    """Whether the channel and the source have sums of their own; those that came later than others have not."""
    needed = {("channel", wanted.channel), ("source", wanted.source)}
    needed = {(dimension, name) for dimension, name in needed if name is not None}
    return not needed or needed <= {(row.dimension, row.name) for row in await connection.execute(_READ_NAMES)}


async def _values(connection: AsyncConnection, period: Period) -> dict[str, Any]:
    rows = await connection.execute(_HOUR_LIMITS, {"hours": edge_hours(period)})
    found = parts_of(period, {begun: (earliest, latest) for begun, earliest, latest in rows})
    hours, starts, ends = (list(each) for each in zip(*found.parts, strict=True)) if found.parts else ([], [], [])
    return {
        "start": period.start,
        "end": period.end,
        "first": found.first,
        "last": found.last,
        "part_hours": hours,
        "part_starts": starts,
        "part_ends": ends,
    }


def _cell(row: Row[Any]) -> Cell:
    return Cell(
        band=row.band,
        outcome=Outcome(row.outcome),
        confidence=Confidence(row.confidence),
        model_version=row.model_version,
        policy_version=row.policy_version,
        count=int(row.decisions),
        pd_sum=float(row.pd_sum),
        requested=_money(row.requested),
        recommended=_money(row.recommended),
    )


def _money(amount: Decimal) -> Money:
    return Money(int(amount.scaleb(2)))
