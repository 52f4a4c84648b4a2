"""The statements that record a change of a case or a new case: all or nothing, in one round trip."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from adapters.persistence.cases.case_rows import CHANGED, to_row
from adapters.persistence.cases.case_tables import case_actions, cases, final_decisions
from adapters.persistence.cases.final_decision_documents import decision_row
from adapters.persistence.database.tables import audit_entries, idempotency_keys
from application.ports.cases.cases import CaseChange
from domain.audit.entry import AuditEntry

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
_ENTRY = tuple(audit_entries.columns.keys())


class NewRow(NamedTuple):
    """A row to insert with a change."""

    table: Table
    values: Mapping[str, Any]


def change_rows(change: CaseChange, document: bytes) -> list[NewRow]:
    """The rows of the action, of the caller's claim, whose `subject` is the action, and of the final decision."""
    action, claim = change.action, change.claim
    rows = [
        NewRow(
            case_actions,
            {
                "action_id": action.action_id,
                "case_id": action.case_id,
                "number": action.number,
                "at": action.at,
                "actor": action.actor.name,
                "kind": action.kind.value,
                "document": document.decode(),
            },
        )
    ]
    if claim is not None:
        names = ("actor", "key", "fingerprint")
        values = {name: getattr(claim, name) for name in names} | {"subject": action.action_id}
        rows.append(NewRow(idempotency_keys, values))
    if change.final_decision is not None:
        rows.append(NewRow(final_decisions, decision_row(change.final_decision)))
    return rows


def entry_row(entry: AuditEntry) -> NewRow:
    """The row of an audit entry."""
    return NewRow(audit_entries, {name: getattr(entry, name) for name in _ENTRY})


def change_statement(change: CaseChange, rows: Sequence[NewRow]) -> tuple[str, tuple[Any, ...]]:
    """The statement with its parameters. It returns a row if the stored case was the one before the change.

    With a final decision, also only if the application is open and the decision is its newest.
    """
    case = to_row(change.case)
    before = change.case.version - 1
    parameters = [change.case.case_id, before, *(case[name] for name in CHANGED), *_values(rows)]
    return _changing(_shape(rows), decides=change.final_decision is not None), tuple(parameters)


def opening_statement(change: CaseChange, rows: Sequence[NewRow]) -> tuple[str, tuple[Any, ...]]:
    """The statement that records a new case. It returns a row if the application is open, and locks it.

    So of a review and an acceptance or withdrawal at the same moment, the second one sees the first.
    """
    case = to_row(change.case)
    return _opening(tuple(case), _shape(rows)), (*case.values(), *_values(rows))


_NEWEST = "NOT EXISTS (SELECT FROM superseded_decisions WHERE decision_id = {decision})"
_APPLICATION = (
    "coalesce((SELECT application_id FROM superseded_decisions WHERE superseded_by = {decision}), {decision})"
)
_OPEN = (
    f" AND {_NEWEST} AND NOT EXISTS (SELECT FROM applications "
    f"WHERE state <> 'open' AND application_id = {_APPLICATION})"
)
Shape = tuple[tuple[Table, tuple[str, ...]], ...]
"""The tables that a statement inserts into, with the columns."""


@cache
def _changing(inserted: Shape, *, decides: bool) -> str:
    numbered = count(3)
    changed = ", ".join(f"{name} = {_typed(next(numbered), cases.c[name])}" for name in CHANGED)
    is_open = _OPEN.format(decision="cases.decision_id") if decides else ""
    first = f"changed AS (UPDATE cases SET {changed} WHERE case_id = $1::uuid AND version = $2::integer{is_open} "  # noqa: S608 - our own names
    return _statement([first + "RETURNING case_id)"], inserted, numbered)


@cache
def _opening(columns: tuple[str, ...], inserted: Shape) -> str:
    numbered = count(1)
    values = {name: _typed(next(numbered), cases.c[name]) for name in columns}
    decision, at = values["decision_id"], values["opened_at"]
    application, newest = (text.format(decision=decision) for text in (_APPLICATION, _NEWEST))
    steps = [
        "locked AS (INSERT INTO applications (application_id, decision_id, state, version, changed_at) "
        f"SELECT {application}, {decision}, 'open', 0, {at} WHERE {newest} ON CONFLICT (application_id) DO UPDATE "
        "SET changed_at = applications.changed_at "
        f"WHERE applications.state = 'open' AND applications.decision_id = {decision} RETURNING application_id)",
        f"changed AS (INSERT INTO cases ({', '.join(columns)}) SELECT {', '.join(values.values())} FROM locked "  # noqa: S608 - our own names
        "RETURNING case_id)",
    ]
    return _statement(steps, inserted, numbered)


def _statement(steps: list[str], inserted: Shape, numbered: Iterator[int]) -> str:
    for table, names in inserted:
        values = ", ".join(_typed(next(numbered), table.c[name]) for name in names)
        place = f"row_{len(steps)}"
        steps.append(
            f"{place} AS (INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM changed)"  # noqa: S608 - as above
        )
    return f"WITH {', '.join(steps)} SELECT case_id FROM changed"  # noqa: S608 - as above


def _shape(rows: Sequence[NewRow]) -> Shape:
    return tuple([(row.table, tuple(row.values)) for row in rows])


def _values(rows: Sequence[NewRow]) -> list[Any]:
    return [value for row in rows for value in row.values.values()]


def _typed(number: int, column: Column[Any]) -> str:
    return f"${number}::{column.type.compile(_DIALECT)}"
