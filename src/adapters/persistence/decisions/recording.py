"""The statement that records decisions with their audit entries and claims, all or none.

The searched columns come as one JSON value next to the documents: separate values cost this process three times
as much, and reading them from the documents would be two fifths of PostgreSQL's work.

Parameters: the documents, one per line (text: at an array the driver checks each element, and the server reads it
element by element); `searched` of the records (json); the SHA-256 digests of the documents, concatenated (bytea);
the digests of the entries, concatenated (bytea); the chain (uuid), its length (bigint) and its last digest (bytea)
before this batch; for RECORD_CLAIMED also one array per column of the claims.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Double, Integer, LargeBinary, Numeric, Text, Uuid

from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.decisions.claims import CLAIM_COLUMNS
from adapters.persistence.decisions.decision_rows import DOCUMENT_PATHS, SEARCH_COLUMNS
from domain.audit.subject import DECISION_RECORDED

ACTION = DECISION_RECORDED
KEY_LOCK_TIMEOUT = "20ms"
"""How long a batch waits for a transaction that holds one of its keys; an ordinary commit takes 2 ms."""
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


def _insert_claims(first: int, columns: Iterable[Column[object]]) -> str:
    """An INSERT of claims from arrays, one parameter per column, numbered from `first`.

    The lock timeout ends with the transaction. It is set here to save the round trip of another statement.
    """
    arrays = [f"${number}::{_TYPES[type(column.type)]}[]" for number, column in enumerate(columns, first)]
    names = ", ".join(column.name for column in columns)
    return (
        f"INSERT INTO {idempotency_keys.name} ({names}) SELECT {names} "  # noqa: S608 - names of our own tables
        f"FROM set_config('lock_timeout', '{KEY_LOCK_TIMEOUT}', true), "
        f"unnest({', '.join(arrays)}) AS claim ({names})"
    )


def record_statement(columns: Sequence[Column[Any]], *, claimed: bool = False) -> str:
    """The statement for these columns besides the document, with claims if it is `claimed`."""
    names = ", ".join(column.name for column in columns)
    given = f"""given AS MATERIALIZED (
    SELECT document, {names}, number - 1 AS index
    FROM ROWS FROM (
        string_to_table($1::text, E'\\n'),
        json_to_recordset($2::json) AS ({", ".join(map(_definition, columns))})
    )
    WITH ORDINALITY AS row (document, {names}, number)
)"""  # noqa: S608 - names of our own columns
    recorded = f"""recorded AS (
    INSERT INTO decisions ({names}, document)
    SELECT {", ".join(map(_stored, columns))}, document FROM given
)"""  # noqa: S608 - names of our own table
    claims = f", claimed AS ({_insert_claims(8, CLAIM_COLUMNS)})" if claimed else ""
    return f"""WITH {given}, {recorded}{claims}
INSERT INTO audit_entries (chain, sequence, at, actor, action, subject, content_digest, previous, digest)
SELECT $5::uuid, $6::bigint + index + 1, decided_at, requested_by, '{ACTION}', decision_id,
    {_digest("$3", "index")},
    CASE index WHEN 0 THEN $7::bytea ELSE {_digest("$4", "index - 1")} END, {_digest("$4", "index")}
FROM given"""  # noqa: S608 - names of our own columns


RECORD = record_statement(SEARCH_COLUMNS)
RECORD_CLAIMED = record_statement(SEARCH_COLUMNS, claimed=True)
