"""Figures of decisions: aggregates, and what they do not contain yet, counted in PostgreSQL."""

import asyncio
import re
from collections import Counter
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Interval, Row, SmallInteger, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import TypeEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.monitoring.figure_statements import (
    HOUR_LIMITS,
    PREPARE,
    READ_EVERYTHING,
    READ_PENDING,
    figure_statements,
)
from adapters.persistence.monitoring.period_parts import edge_hours, parts_of
from application.ports.monitoring.decision_figures import DecisionFigures
from domain.applications.money import Money
from domain.monitoring.cells import Cell, overview_of
from domain.monitoring.overview import Overview
from domain.monitoring.period import Period
from domain.policies.outcome import Confidence, Outcome

MAX_PENDING = 100_000
"""With more entries that are not in the aggregates yet, it is faster to count all decisions of the period."""
_TIMESTAMP = DateTime(timezone=True)
_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(("start", "end", "first", "last", "first_step"), _TIMESTAMP),
    **dict.fromkeys(("part_starts", "part_ends", "hours"), ARRAY(_TIMESTAMP)),
    "part_hours": ARRAY(SmallInteger),
    "step": Interval(),
    "limit": BigInteger(),
    "subjects": ARRAY(Uuid()),
}


def _statement(sql: str) -> TextClause:
    statement = text(sql)
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in statement._bindparams))


_PREPARE, _READ_EVERYTHING, _READ_PENDING, _HOUR_LIMITS = map(
    _statement, (PREPARE, READ_EVERYTHING, READ_PENDING, HOUR_LIMITS)
)
_FROM_AGGREGATES = tuple(map(_statement, figure_statements(aggregated=True)))
_FROM_DECISIONS = tuple(map(_statement, figure_statements(aggregated=False)))
_CODE = re.compile("[A-Z][A-Z0-9_]*")
"""The codes of reasons of any product."""


class PostgresDecisionFigures(DecisionFigures):
    """Figures by three statements on one snapshot.

    Concurrent requests for the same period share one computation. At most `max_concurrent` run at once, since each
    may take seconds where aggregates are missing, and other readers need connections too.
    """

    def __init__(self, engine: AsyncEngine, *, max_concurrent: int = 2, max_pending: int = MAX_PENDING) -> None:
        self._engine = engine
        self._slots = asyncio.Semaphore(max_concurrent)
        self._running: dict[Period, asyncio.Task[Overview]] = {}
        self._max_pending = max_pending

    async def over(self, period: Period) -> Overview:
        count = self._running.get(period)
        if count is None:
            count = self._running[period] = asyncio.create_task(self._count(period))
        return await asyncio.shield(count)  # a cancelled request must not stop it for the others

    async def _count(self, period: Period) -> Overview:
        try:
            async with self._slots:
                return await self._figures(period)
        finally:
            del self._running[period]

    async def _figures(self, period: Period) -> Overview:
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            await connection.execute(_PREPARE)
            pending = (await connection.scalars(_READ_PENDING, {"limit": self._max_pending + 1})).all()
            if len(pending) <= self._max_pending:
                statements, values = _FROM_AGGREGATES, await _values(connection, period) | {"subjects": pending}
            else:
                await connection.execute(_READ_EVERYTHING)
                statements, values = _FROM_DECISIONS, {"start": period.start, "end": period.end}
            steps = {"step": period.step, "first_step": period.first_step}
            time_series = (await connection.execute(statements[0], values | steps)).all()
            cells = (await connection.execute(statements[1], values)).all()
            reasons = (await connection.execute(statements[2], values)).all()
        series: Counter[Any] = Counter()
        for begun, outcome, count in time_series:
            series[begun, Outcome(outcome)] += int(count)
        given: Counter[str] = Counter()
        for code, count in reasons:
            if _CODE.fullmatch(code):  # else the document is not readable
                given[code] += int(count)
        return overview_of(
            period,
            time_series=series,
            cells=map(_cell, cells),
            reasons=given,
            outside_domain=sum(int(cell.outside_domain) for cell in cells),
        )


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
