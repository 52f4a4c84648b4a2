"""Writing decisions with their audit entries: one connection, one chain, one round trip a batch.

Both tables are written by a single statement, so that PostgreSQL itself makes it all or nothing. A chain belongs
to one connection and ends with it. What a lost connection was last asked may or may not have been committed, and
a chain that nobody goes on with is whole either way.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Self
from uuid import uuid4

import asyncpg
from sqlalchemy import BigInteger, DateTime, Double, Integer, LargeBinary, Numeric, Table, Text, Uuid

from adapters.persistence.connections import connect_durably
from adapters.persistence.decision_rows import to_row
from adapters.persistence.tables import audit_entries, decisions
from application.ports.decision_ledger import AlreadyRecorded, RecordRefused
from domain.audit.entry import ChainHead
from domain.policy.decision_record import DecisionRecord

ACTION = "decision recorded"
REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""Errors that lie in a record, not in the database: nothing was written, and the connection is still good."""

Documented = tuple[DecisionRecord, bytes]
"""A record and its document."""


def refusal(fault: Exception) -> RecordRefused:
    """What to tell the caller whose record was refused."""
    if isinstance(fault, asyncpg.UniqueViolationError):
        return AlreadyRecorded("a decision of this identifier is on record already")
    return RecordRefused(f"the database cannot hold this record ({type(fault).__name__})")


def link(head: ChainHead, batch: Sequence[Documented]) -> tuple[list[Any], ChainHead]:
    """The statement's arguments, a column each, for records chained behind the head; and the head after them."""
    rows = []
    for record, document in batch:
        entry, head = head.append(
            at=record.decided_at.astimezone(UTC),
            actor=record.requested_by.name,
            action=ACTION,
            subject=record.decision_id,
            document=document,
        )
        rows.append(
            (
                *to_row(record, document),
                entry.chain,
                entry.sequence,
                entry.at,
                entry.actor,
                entry.action,
                entry.subject,
                entry.content_digest,
                entry.previous,
                entry.digest,
            )
        )
    return list(zip(*rows, strict=True)), head


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


def _insert(table: Table, first: int) -> str:
    """An INSERT from arrays, a parameter a column, numbered from `first`."""
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(
        f"${number}::{_TYPES[type(column.type)]}[]" for number, column in enumerate(table.columns, first)
    )
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables


RECORD = f"WITH recorded AS ({_insert(decisions, 1)}) {_insert(audit_entries, 1 + len(decisions.columns))}"


class ChainedWriter:
    """One connection and the chain it writes."""

    def __init__(self, connection: Any, statement: Any) -> None:
        self._connection = connection
        self._statement = statement
        self._head = ChainHead(uuid4())

    @classmethod
    async def open(cls, database_url: str, *, timeout: float) -> Self:  # noqa: ASYNC109 - the driver's own limit
        """A writer ready to write; each of its steps is given up after `timeout` seconds."""
        connection = await connect_durably(database_url, timeout=timeout)
        try:
            return cls(connection, await connection.prepare(RECORD))
        except BaseException:
            connection.terminate()
            raise

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return bool(self._connection.is_closed())

    async def write(self, batch: Sequence[Documented]) -> None:
        """Record a batch in one transaction; durable when this returns. The chain goes on only then."""
        arguments, head = link(self._head, batch)
        await self._statement.fetch(*arguments)
        self._head = head

    def abandon(self) -> None:
        """Cut the connection: what it was last asked may have been committed or not."""
        self._connection.terminate()

    async def close(self) -> None:
        """Take leave of the server."""
        if not self.lost:
            await self._connection.close(timeout=2)
