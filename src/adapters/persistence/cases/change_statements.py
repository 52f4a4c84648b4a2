"""The statement that records a change of a case: all or nothing, in one round trip."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from adapters.persistence.cases.case_rows import CHANGED, to_row
from adapters.persistence.cases.case_tables import case_actions, cases
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
    """The rows of the action and of the caller's claim, whose `subject` is the action."""
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
    return rows


def entry_row(entry: AuditEntry) -> NewRow:
    """The row of an audit entry."""
    return NewRow(audit_entries, {name: getattr(entry, name) for name in _ENTRY})


def change_statement(change: CaseChange, rows: Sequence[NewRow]) -> tuple[str, tuple[Any, ...]]:
    """The statement with its parameters. It returns a row if the stored case was the one before the change."""
    case = to_row(change.case)
    before = change.case.version - 1
    parameters = [change.case.case_id, before, *(case[name] for name in CHANGED)]
    parameters += [value for row in rows for value in row.values.values()]
    return _statement(tuple([(row.table, tuple(row.values)) for row in rows])), tuple(parameters)


@cache
def _statement(inserted: tuple[tuple[Table, tuple[str, ...]], ...]) -> str:
    numbered = iter(range(3, 1000))
    changed = ", ".join(f"{name} = {_typed(next(numbered), cases.c[name])}" for name in CHANGED)
    steps = [
        f"changed AS (UPDATE cases SET {changed} WHERE case_id = $1::uuid AND version = $2::integer "  # noqa: S608 - our own names
        "RETURNING case_id)"
    ]
    for table, names in inserted:
        values = ", ".join(_typed(next(numbered), table.c[name]) for name in names)
        steps.append(
            f"of_{table.name} AS (INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM changed)"  # noqa: S608 - as above
        )
    return f"WITH {', '.join(steps)} SELECT case_id FROM changed"  # noqa: S608 - as above


def _typed(number: int, column: Column[Any]) -> str:
    return f"${number}::{column.type.compile(_DIALECT)}"
