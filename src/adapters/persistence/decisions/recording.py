"""The statements that record decisions with their audit entries and all that belongs to them, all or none.

The searched columns come as one JSON value next to the documents: separate values cost this process three times
as much, and reading them from the documents would be two fifths of PostgreSQL's work.

Parameters: the documents, one per line (text: at an array the driver checks each element, and the server reads it
element by element); `searched` of the records (json); the SHA-256 digests of the documents, concatenated (bytea);
the digests of the entries, concatenated (bytea); the chain (uuid), its length (bigint) and its last digest (bytea)
before this batch; for RECORD_UNIQUE also one array per column of the claims.

What else is inserted for a decision (`also`) reads the rows `given` and is in each statement whose batches can
need it: an INSERT without rows costs microseconds, another prepared statement a round trip and memory.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Double, Integer, LargeBinary, Numeric, Text, Uuid

from adapters.persistence.applications.application_tables import application_references
from adapters.persistence.applications.entering import ENTER_HISTORIES, HISTORY_MEMBERS
from adapters.persistence.cases.opening import CASE_MEMBERS, OPEN_CASES
from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.decisions.claims import CLAIM_COLUMNS
from adapters.persistence.decisions.decision_rows import DOCUMENT_PATHS, SEARCH_COLUMNS
from domain.audit.subject import DECISION_RECORDED

ACTION = DECISION_RECORDED
KEY_LOCK_TIMEOUT = "20ms"
"""How long a batch waits for a transaction that holds one of its keys or references; a commit takes 2 ms."""
_LIMIT_LOCKS = f"set_config('lock_timeout', '{KEY_LOCK_TIMEOUT}', true), "
"""Ends with the transaction; set in the statement itself to save the round trip of another one."""
_DIGEST_BYTES = 32
_TYPES: dict[type, str] = {
    BigInteger: "bigint",
    Boolean: "boolean",
    DateTime: "timestamptz",
    Double: "double precision",
    Integer: "integer",
    LargeBinary: "bytea",
    Numeric: "numeric",
    Text: "text",
    Uuid: "uuid",
}


def _definition(column: Column[Any]) -> str:
    """The column's name and type in the JSON value, where money is in cents."""
    return f"{column.name} {_TYPES[type(column.type)]}"


def _stored(column: Column[Any]) -> str:
    """The expression for the column's value in the table."""
    return f"{column.name} / 100" if DOCUMENT_PATHS[column.name][-1] == "cents" else column.name


def _digest(digests: str, index: str) -> str:
    """The expression for the digest at an index, counted from 0, in concatenated digests."""
    return f"substring({digests}::bytea FROM ({_DIGEST_BYTES} * ({index}) + 1)::integer FOR {_DIGEST_BYTES})"


BESIDES: Mapping[str, str] = {**HISTORY_MEMBERS, **CASE_MEMBERS}
"""Members of the JSON value for the INSERTs of `also` that no column of decisions repeats: their types by name."""


def _claims(first: int, columns: Sequence[Column[object]]) -> str:
    """An INSERT of claims from arrays, one parameter per column, numbered from `first`."""
    arrays = [f"${number}::{_TYPES[type(column.type)]}[]" for number, column in enumerate(columns, first)]
    names = ", ".join(column.name for column in columns)
    return (
        f"INSERT INTO {idempotency_keys.name} ({names}) SELECT {names} "  # noqa: S608 - names of our own tables
        f"FROM {_LIMIT_LOCKS}unnest({', '.join(arrays)}) AS claim ({names})"
    )


def _references(limit: str = "") -> str:
    """An INSERT of the references of applications, always in the same order: otherwise two writers could deadlock.

    `limit` is a function to call first.
    """
    return f"""INSERT INTO {application_references.name} (scope, reference, decision_id, application_id)
    SELECT coalesce(source, requested_by), application_reference, decision_id, decision_id
    FROM {limit}given WHERE application_reference IS NOT NULL AND trial IS NOT TRUE
    ORDER BY 1, 2"""  # noqa: S608 - a name of our own table


def _inserts(columns: Sequence[Column[Any]], also: Sequence[str]) -> str:
    """The rows `given`, and the INSERTs of decisions and of `also`."""
    names = ", ".join(column.name for column in columns)
    members = ", ".join([names, *BESIDES])
    types = [*map(_definition, columns), *(f"{name} {kind}" for name, kind in BESIDES.items())]
    given = f"""given AS MATERIALIZED (
    SELECT document, {members}, number - 1 AS index
    FROM ROWS FROM (string_to_table($1::text, E'\\n'), json_to_recordset($2::json) AS ({", ".join(types)}))
    WITH ORDINALITY AS row (document, {members}, number)
)"""  # noqa: S608 - names of our own columns
    recorded = f"""recorded AS (
    INSERT INTO decisions ({names}, document)
    SELECT {", ".join(map(_stored, columns))}, document FROM given
)"""  # noqa: S608 - names of our own table
    added = "".join(f",\nadded_{number} AS ({insert})" for number, insert in enumerate(also, 1))
    return f"WITH {given}, {recorded}{added}"


def record_statement(columns: Sequence[Column[Any]], *also: str) -> str:
    """The statement for these columns besides the document; each of `also` is one more INSERT."""
    return f"""{_inserts(columns, also)}
INSERT INTO audit_entries (chain, sequence, at, actor, action, subject, content_digest, previous, digest)
SELECT $5::uuid, $6::bigint + index + 1, decided_at, requested_by, '{ACTION}', decision_id,
    {_digest("$3", "index")},
    CASE index WHEN 0 THEN $7::bytea ELSE {_digest("$4", "index - 1")} END, {_digest("$4", "index")}
FROM given"""  # noqa: S608 - names of our own columns


RECORD = record_statement(SEARCH_COLUMNS, OPEN_CASES)
"""For decisions with neither a claim nor a reference."""
RECORD_UNIQUE = record_statement(
    SEARCH_COLUMNS, OPEN_CASES, _claims(8, CLAIM_COLUMNS), _references(_LIMIT_LOCKS), ENTER_HISTORIES
)
"""For decisions of which some have a claim, a reference or an applicant; a conflict fails the statement."""
RECORD_REFERENCED = record_statement(SEARCH_COLUMNS, OPEN_CASES, _references(), ENTER_HISTORIES)
"""The same without claims, for files: the worker has no privilege on keys."""
RECORD_OF_APPLICANTS = record_statement(SEARCH_COLUMNS, OPEN_CASES, ENTER_HISTORIES)
"""For decisions of files of which some have an applicant."""
STORE = f"{_inserts(SEARCH_COLUMNS, (OPEN_CASES, ENTER_HISTORIES))} SELECT count(*) FROM given"  # noqa: S608 - as above
"""For a decision whose reference and audit entry the caller writes; it has the first two parameters only."""
