"""Figures of decisions in PostgreSQL, counted where they lie."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Double,
    Interval,
    Row,
    Select,
    bindparam,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import decisions
from application.ports.monitoring.decision_figures import DecisionFigures
from domain.applications.money import Money
from domain.monitoring.cells import Cell, overview_of
from domain.monitoring.overview import PD_EDGES, Overview
from domain.monitoring.period import Period
from domain.policies.outcome import Confidence, Outcome
from domain.policies.reasons import ReasonCode

_c = decisions.c
_AS_ASKED = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""A day and a year want different plans; one for any period would read whole months for an hour."""
_START = bindparam("start", type_=DateTime(timezone=True))
_WITHIN = (_c.decided_at >= _START, _c.decided_at < bindparam("end", type_=DateTime(timezone=True)))


def _counted(*common: ColumnElement[Any]) -> Select[Any]:
    return select(*common, func.count().label("decisions")).where(*_WITHIN).group_by(*common)


def _listed(name: str) -> ColumnElement[str]:
    """What stands between the brackets of a list in the document: found without reading the rest of it as JSON.

    A document has one form (`documents.py`), and no text in it can look like a name of a field: its quotes are
    escaped. Reading 1.6 kB as `jsonb` takes forty microseconds, this takes two.
    """
    behind = func.split_part(_c.document, f'"{name}":[', 2)
    return func.split_part(behind, "]", 1)


# Three statements, each with few groups, are three passes, and still half the time of one: its groups would be so
# many, for all that PostgreSQL knows, that it would rather sort all rows on disk. The first is answered from the
# index `decisions_newest` alone.
_COURSE = _counted(
    func.date_bin(
        bindparam("step", type_=Interval), _c.decided_at, bindparam("first", type_=DateTime(timezone=True))
    ).label("begun"),
    _c.outcome,
)
_CELLS = _counted(
    func.width_bucket(_c.pd, literal(list(PD_EDGES), ARRAY(Double))).label("band"),
    _c.outcome,
    _c.confidence,
    _c.model_version,
    _c.policy_version,
).add_columns(
    func.sum(_c.pd).label("pd_sum"),
    func.sum(_c.loan_amnt).label("asked"),
    func.sum(_c.recommended_amount).label("recommended"),
)
_SAID = _counted((_listed("out_of_domain") != "").label("outside"), _listed("reasons").label("reasons"))


class PostgresDecisionFigures(DecisionFigures):
    """Counts by three statements that see the same moment.

    Whoever asks for a period that is being counted waits for that count. At most `at_once` are counted at once: a
    count may take seconds, and other readers must find a connection too.
    """

    def __init__(self, engine: AsyncEngine, *, at_once: int = 2) -> None:
        self._engine = engine
        self._turns = asyncio.Semaphore(at_once)
        self._counting: dict[Period, asyncio.Task[Overview]] = {}

    async def over(self, period: Period) -> Overview:
        """The figures of the decisions made within the period."""
        count = self._counting.get(period)
        if count is None:
            count = self._counting[period] = asyncio.create_task(self._count(period))
        return await asyncio.shield(count)  # who leaves does not stop it for the others

    async def _count(self, period: Period) -> Overview:
        try:
            async with self._turns:
                return await self._figures(period)
        finally:
            del self._counting[period]

    async def _figures(self, period: Period) -> Overview:
        bounds = {"start": period.start, "end": period.end}
        steps = {"step": period.step, "first": period.first_step}
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            await connection.execute(_AS_ASKED)
            course = (await connection.execute(_COURSE, bounds | steps)).all()
            cells = (await connection.execute(_CELLS, bounds)).all()
            said = (await connection.execute(_SAID, bounds)).all()
        return overview_of(
            period,
            course=_course(course),
            cells=map(_cell, cells),
            reasons=_reasons((reasons, count) for _, reasons, count in said),
            outside_domain=sum(count for outside, _, count in said if outside),
        )


def _course(rows: Iterable[Sequence[Any]]) -> dict[tuple[datetime, Outcome], int]:
    return {(begun, Outcome(outcome)): count for begun, outcome, count in rows}


def _cell(row: Row[Any]) -> Cell:
    return Cell(
        band=row.band,
        outcome=Outcome(row.outcome),
        confidence=Confidence(row.confidence),
        model_version=row.model_version,
        policy_version=row.policy_version,
        count=row.decisions,
        pd_sum=row.pd_sum,
        asked=_money(row.asked),
        recommended=_money(row.recommended),
    )


def _money(amount: Decimal) -> Money:
    return Money(int(amount.scaleb(2)))


def _reasons(rows: Iterable[tuple[str, int]]) -> Counter[ReasonCode]:
    """How often each code occurs in lists of reasons, each with how many decisions have that very list."""
    counts: Counter[ReasonCode] = Counter()
    for listed, count in rows:
        for reason in json.loads(f"[{listed}]"):
            counts[ReasonCode(reason["code"])] += count
    return counts
