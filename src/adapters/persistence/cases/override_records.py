"""Final decisions of people, counted and listed in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import DateTime, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.database.texts import storable
from application.ports.cases.override_records import (
    ANY_FINAL_DECISION,
    ListedOverride,
    OverrideFilter,
    OverrideRecords,
)
from domain.cases.case_action import CaseActionKind
from domain.cases.override import OverrideType
from domain.cases.override_figures import DwellTimes, OverrideCell, OverrideEvents, OverrideFigures
from domain.cases.quality import QualityState
from domain.monitoring.period import Period
from domain.monitoring.share import Share
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome

_CONDITIONS = {
    "officer": "maker = :officer",
    "reason": "reason = :reason",
    "override": "override = :override",
    "grade": "decision.grade = :grade",
    "purpose": "coalesce(decision.purpose, '') = :purpose",
    "source": "coalesce(decision.source, '') = :source",
}
_GROUPS = "maker, reason, decision.grade, coalesce(decision.purpose, ''), coalesce(decision.source, ''), override"
_DECIDED = """
FROM final_decisions AS final CROSS JOIN LATERAL (
    SELECT grade, purpose, source FROM decisions WHERE decisions.decision_id = final.decision_id OFFSET 0
) AS decision
WHERE final.decided_at >= :start AND final.decided_at < :end
"""
"""The decision of each is looked up by itself: another plan would read all decisions."""
_CELLS = f"""
SELECT {_GROUPS}, final.outcome, count(*), count(checker), count(own_view),
    count(*) FILTER (WHERE own_view = recommended)
{_DECIDED} {{}} GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_DWELL = f"""
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY dwell_seconds) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY dwell_seconds) AS ninetieth
{_DECIDED} {{}}
"""
_NEWEST = f"""
SELECT final.decision_id, case_id, final.decided_at, system_outcome, final.outcome, override, reason,
    maker AS officer, checker, decision.grade
{_DECIDED} {{}} ORDER BY final.decided_at DESC, final_decision_id DESC LIMIT :limit
"""
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("start", "end"), DateTime(timezone=True)),
    **dict.fromkeys(("first", "last"), Uuid()),
}


def _statement(sql: str) -> TextClause:
    found = text(sql)
    return found.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in found._bindparams if name in _TYPES))


_ACTIONS = _statement(
    """
    SELECT kind, count(*) AS number FROM case_actions
    WHERE action_id >= :first AND action_id < :last AND kind IN (:refused, :breached) GROUP BY kind
    """
)
"""Actions are found by the time in their identifiers, which are made with them."""
_QUALITY = _statement(
    """
    SELECT quality, count(*) AS number FROM cases
    WHERE ended_at >= :start AND ended_at < :end AND quality IN ('agreed', 'disagreed') GROUP BY quality
    """
)
"""Reviewed cases by the time at which they were resolved."""


class PostgresOverrideRecords(OverrideRecords):
    """Reads final decisions by the index of their times."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def over(self, period: Period, wanted: OverrideFilter = ANY_FINAL_DECISION) -> OverrideFigures:
        conditions, values = _criteria(wanted)
        times = {"start": period.start, "end": period.end}
        identifiers = {"first": first_identifier(period.start), "last": first_identifier(period.end)}
        refused, breached = CaseActionKind.SECOND_APPROVAL_REFUSED.value, CaseActionKind.DUE_TIME_PASSED.value
        snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ")
        async with transaction(snapshot) as connection:
            cells = (await connection.execute(_statement(_CELLS.format(conditions)), times | values)).all()
            dwell = (await connection.execute(_statement(_DWELL.format(conditions)), times | values)).one()
            kinds = {"refused": refused, "breached": breached}
            actions = {row.kind: row.number for row in await connection.execute(_ACTIONS, identifiers | kinds)}
            quality = {row.quality: row.number for row in await connection.execute(_QUALITY, times)}
        disagreed = quality.get(QualityState.DISAGREED.value, 0)
        events = OverrideEvents(
            actions.get(refused, 0),
            actions.get(breached, 0),
            Share(disagreed, disagreed + quality.get(QualityState.AGREED.value, 0)),
            DwellTimes(dwell.median, dwell.ninetieth),
        )
        return OverrideFigures.of(period, [_cell(row) for row in cells], events)

    async def newest(self, period: Period, wanted: OverrideFilter, *, limit: int) -> Sequence[ListedOverride]:
        conditions, values = _criteria(wanted)
        times = {"start": period.start, "end": period.end, "limit": limit}
        async with transaction(self._engine) as connection:
            rows = await connection.execute(_statement(_NEWEST.format(conditions)), times | values)
            return [
                ListedOverride(
                    **row._asdict()
                    | {
                        "system_outcome": Outcome(row.system_outcome),
                        "outcome": FinalOutcome(row.outcome),
                        "override": OverrideType(row.override),
                    }
                )
                for row in rows
            ]


def _criteria(wanted: OverrideFilter) -> tuple[str, dict[str, str]]:
    """The conditions of a filter, and their values."""
    given = {name: getattr(wanted, name) for name in _CONDITIONS}
    values = {name: storable(getattr(value, "value", value)) for name, value in given.items() if value is not None}
    return "".join(f" AND {_CONDITIONS[name]}" for name in values), values


def _cell(row: Sequence[Any]) -> OverrideCell:
    officer, reason, grade, purpose, source, override, outcome, *counts = row
    return OverrideCell(
        officer, reason, grade, purpose, source, OverrideType(override), FinalOutcome(outcome), *map(int, counts)
    )
