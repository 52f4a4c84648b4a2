"""The statement that puts decisions on record with their audit entries, all or nothing.

The columns that serve searching come as one value beside the documents, in JSON: each as a value of its own costs
the asking process three times as much, and to find them in the documents would be two fifths of PostgreSQL's work.

Parameters: documents, one a line (text: at an array the driver looks element by element, and the server reads it
so); what `searched` says of their records (json); the SHA-256 of each document, one behind the other (bytea); the
entries' digests likewise; the chain (uuid), its length (bigint) and its last digest (bytea) so far; for
RECORD_CLAIMED then a column each of claims.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Double, Integer, LargeBinary, Numeric, Text, Uuid

from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.decisions.claims import CLAIM_COLUMNS
from adapters.persistence.decisions.decision_rows import PLACES, SEARCHED
from domain.audit.entry import DECISION_RECORDED

ACTION = DECISION_RECORDED
_DIGEST_BYTES = 32
_TYPES: dict[type, str] = {
    BigInteger: "bigint",
    DateTime: "timestamptz",
    Double: "double precision",
    Integer: "integer",
    LargeBinary: "bytea",
    Numeric: "numeric",
    Text: "text",
    Uuid: "uuid",
}


def _typed(column: Column[Any]) -> str:
    """The column as it is said: money is in cents."""
    return f"{column.name} {_TYPES[type(column.type)]}"


def _kept(column: Column[Any]) -> str:
    """The column's value as it is kept."""
    return f"{column.name} / 100" if PLACES[column.name][-1] == "cents" else column.name


def _digest(digests: str, place: str) -> str:
    """The digest at a place, counted from 0, among many one behind the other."""
    return f"substring({digests}::bytea FROM ({_DIGEST_BYTES} * ({place}) + 1)::integer FOR {_DIGEST_BYTES})"


def _insert_claims(first: int, columns: Iterable[Column[object]]) -> str:
    """An INSERT of claims from arrays, a parameter a column, numbered from `first`."""
    arrays = [f"${number}::{_TYPES[type(column.type)]}[]" for number, column in enumerate(columns, first)]
    names = ", ".join(column.name for column in columns)
    return f"INSERT INTO {idempotency_keys.name} ({names}) SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 - names of our own tables


_NAMES = ", ".join(column.name for column in SEARCHED)
_GIVEN = f"""given AS MATERIALIZED (
    SELECT document, {_NAMES}, place - 1 AS place
    FROM ROWS FROM (
        string_to_table($1::text, E'\\n'),
        json_to_recordset($2::json) AS ({", ".join(map(_typed, SEARCHED))})
    )
    WITH ORDINALITY AS asked (document, {_NAMES}, place)
)"""  # noqa: S608 - names of our own columns
_RECORDED = f"""recorded AS (
    INSERT INTO decisions ({_NAMES}, document) SELECT {", ".join(map(_kept, SEARCHED))}, document FROM given
)"""  # noqa: S608 - names of our own table
_ENTRIES = f"""
INSERT INTO audit_entries (chain, sequence, at, actor, action, subject, content_digest, previous, digest)
SELECT $5::uuid, $6::bigint + place + 1, decided_at, requested_by, '{ACTION}', decision_id,
    {_digest("$3", "place")},
    CASE place WHEN 0 THEN $7::bytea ELSE {_digest("$4", "place - 1")} END, {_digest("$4", "place")}
FROM given"""  # noqa: S608 - names of our own columns
RECORD = f"WITH {_GIVEN}, {_RECORDED} {_ENTRIES}"
RECORD_CLAIMED = f"WITH {_GIVEN}, {_RECORDED}, claimed AS ({_insert_claims(8, CLAIM_COLUMNS)}) {_ENTRIES}"
