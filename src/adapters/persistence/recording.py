"""The statement that puts decisions on record with their audit entries, all or nothing.

PostgreSQL is given documents and digests, and takes the columns that serve searching out of the documents itself:
they cannot say anything else, and a row costs the asking process three values instead of twenty-six.

Parameters: documents (text[]); the SHA-256 of each, one behind the other (bytea); the entries' digests likewise;
the chain (uuid), its length (bigint) and its last digest (bytea) so far; for RECORD_CLAIMED then a column each of
claims.
"""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, DateTime, Double, Integer, LargeBinary, Numeric, Text, Uuid

from adapters.persistence.claims import CLAIM_COLUMNS
from adapters.persistence.decision_rows import PLACES, SEARCHED
from adapters.persistence.tables import idempotency_keys

ACTION = "decision recorded"
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


def _said(name: str) -> str:
    """What the document says of a column."""
    path = PLACES[name]
    column = next(each for each in SEARCHED if each.name == name)
    said = f"(said #>> '{{{','.join(path)}}}')::{_TYPES[type(column.type)]}"
    return f"{said} / 100" if path[-1] == "cents" else said


def _digest(digests: str, place: str) -> str:
    """The digest at a place, counted from 0, among many one behind the other."""
    return f"substring({digests}::bytea FROM ({_DIGEST_BYTES} * ({place}) + 1)::integer FOR {_DIGEST_BYTES})"


def _insert_claims(first: int, columns: Iterable[Column[object]]) -> str:
    """An INSERT of claims from arrays, a parameter a column, numbered from `first`."""
    arrays = [f"${number}::{_TYPES[type(column.type)]}[]" for number, column in enumerate(columns, first)]
    names = ", ".join(column.name for column in columns)
    return f"INSERT INTO {idempotency_keys.name} ({names}) SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 - names of our own tables


_NAMES = [column.name for column in SEARCHED]
_GIVEN = """given AS MATERIALIZED (
    SELECT document, document::jsonb AS said, place - 1 AS place
    FROM unnest($1::text[]) WITH ORDINALITY AS documents (document, place)
)"""
_RECORDED = f"""recorded AS (
    INSERT INTO decisions ({", ".join(_NAMES)}, document)
    SELECT {", ".join(map(_said, _NAMES))}, document FROM given
)"""  # noqa: S608 - names of our own table
_ENTRIES = f"""
INSERT INTO audit_entries (chain, sequence, at, actor, action, subject, content_digest, previous, digest)
SELECT $4::uuid, $5::bigint + place + 1, {_said("decided_at")}, {_said("requested_by")}, '{ACTION}',
    {_said("decision_id")}, {_digest("$2", "place")},
    CASE place WHEN 0 THEN $6::bytea ELSE {_digest("$3", "place - 1")} END, {_digest("$3", "place")}
FROM given"""  # noqa: S608 - names of our own columns
RECORD = f"WITH {_GIVEN}, {_RECORDED} {_ENTRIES}"
RECORD_CLAIMED = f"WITH {_GIVEN}, {_RECORDED}, claimed AS ({_insert_claims(7, CLAIM_COLUMNS)}) {_ENTRIES}"
