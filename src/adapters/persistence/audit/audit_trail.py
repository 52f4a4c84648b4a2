"""The audit trail in PostgreSQL, read in constant memory."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, Uuid, bindparam, exists, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.subjects import SUBJECTS, documents_of
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.database.tables import audit_entries
from application.ports.audit.audit_trail import AuditTrail
from domain.audit.entry import AuditEntry, ChainHead
from domain.audit.subject import SubjectKind, kind_of_subject

_PAGE_SIZE = 1000
IN_BACKGROUND: Mapping[str, Any] = {"page_size": 100, "rest": 4.0}
"""Options for a verification beside requests: a fifth of one processor at most, a few milliseconds at a time."""
_BEGINNING = UUID(int=0)
_POSITION = (audit_entries.c.chain, audit_entries.c.sequence)
_NEXT_PAGE = (
    select(audit_entries)
    .where(tuple_(*_POSITION) > tuple_(bindparam("chain", type_=Uuid), bindparam("sequence", type_=BigInteger)))
    .order_by(*_POSITION)
)
_NEXT_PAGE_OF_CHAIN = (
    select(audit_entries)
    .where(audit_entries.c.chain == bindparam("chain"), audit_entries.c.sequence > bindparam("sequence"))
    .order_by(audit_entries.c.sequence)
)
_VERIFIED = """
    WITH RECURSIVE verified AS (
        SELECT * FROM unnest(CAST(:chains AS uuid[]), CAST(:lengths AS bigint[]), CAST(:digests AS bytea[]))
        AS head (chain, length, digest)
    )
"""
_GROWN = text(
    f"""
    {_VERIFIED}, chains AS (
        (SELECT chain FROM audit_entries ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM audit_entries WHERE chain > chains.chain ORDER BY chain LIMIT 1)
        FROM chains WHERE chains.chain IS NOT NULL
    )
    SELECT chain, coalesce(verified.length, 0) AS length FROM chains LEFT JOIN verified USING (chain)
    WHERE EXISTS (
        SELECT FROM audit_entries
        WHERE audit_entries.chain = chains.chain AND sequence > coalesce(verified.length, 0)
    )
    ORDER BY chain
    """  # noqa: S608 - our own text
)
"""Chains with entries beyond their verified heads, found by index lookups without reading the verified entries."""
_CHANGED_HEADS = text(
    f"""
    {_VERIFIED}
    SELECT verified.* FROM verified LEFT JOIN audit_entries
        ON audit_entries.chain = verified.chain AND audit_entries.sequence = verified.length
    WHERE audit_entries.digest IS DISTINCT FROM verified.digest
    ORDER BY verified.chain
    """  # noqa: S608 - our own text
)

_SEVERAL_ENTRIES = text(
    """
    WITH several AS MATERIALIZED (
        SELECT subject FROM audit_entries WHERE subject >= :first GROUP BY subject HAVING count(*) > 1
    )
    SELECT several.subject, action FROM several CROSS JOIN LATERAL (
        SELECT action FROM audit_entries WHERE audit_entries.subject = several.subject OFFSET 0
    ) AS entry
    GROUP BY several.subject, action HAVING count(*) > 1
    """
).bindparams(bindparam("first", type_=Uuid))
"""An entry with another action than the record's is reported by itself, as one whose record is missing."""


class PostgresAuditTrail(AuditTrail):
    """Reads pages of entries by key, all from one snapshot.

    After each page it pauses for `rest` times as long as the page took to read and to check, so that a
    verification in the background leaves the processor to requests.
    """

    def __init__(self, engine: AsyncEngine, *, page_size: int = _PAGE_SIZE, rest: float = 0.0) -> None:
        self._engine = engine
        self._page_size = page_size
        self._rest = rest

    async def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """Entries ordered by chain and sequence, each with its document."""
        async with self._snapshot() as connection:
            async for pair in self._pages(connection, _NEXT_PAGE, _BEGINNING, 0):
                yield pair

    async def entries_after(self, heads: Collection[ChainHead]) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        async with self._snapshot() as connection:
            grown = (await connection.execute(_GROWN, _arrays(heads))).all()
            for chain in grown:
                async for pair in self._pages(connection, _NEXT_PAGE_OF_CHAIN, chain.chain, chain.length):
                    yield pair

    async def changed_heads(self, heads: Collection[ChainHead]) -> Sequence[ChainHead]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_CHANGED_HEADS, _arrays(heads))).all()
        return [ChainHead(row.chain, row.length, row.digest) for row in rows]

    async def subjects_without_entry(
        self, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        """Found by one statement for each kind, since a subject and its entry are written in one transaction."""
        for kind, stored in SUBJECTS.items():
            query = select(stored.identifier).where(~exists().where(audit_entries.c.subject == stored.identifier))
            if since is not None:
                query = query.where(stored.identifier >= first_identifier(since))
            async with transaction(self._engine) as connection:
                async for identifier in (await connection.stream(query)).scalars():
                    yield kind, identifier

    async def subjects_with_several_entries(
        self, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        first = _BEGINNING if since is None else first_identifier(since)
        async with transaction(self._engine) as connection:
            async for subject, action in await connection.stream(_SEVERAL_ENTRIES, {"first": first}):
                yield kind_of_subject(action), subject

    def _snapshot(self) -> Any:
        return transaction(self._engine.execution_options(isolation_level="REPEATABLE READ"))

    async def _pages(
        self, connection: AsyncConnection, query: Select[Any], chain: UUID, sequence: int
    ) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        query = query.limit(self._page_size)
        began = time.monotonic()
        while rows := (await connection.execute(query, {"chain": chain, "sequence": sequence})).all():
            entries = [AuditEntry(*row) for row in rows]
            documents = await documents_of(connection, entries)
            for entry in entries:
                yield entry, documents.get((entry.subject, entry.action))
            chain, sequence = entries[-1].chain, entries[-1].sequence
            if self._rest:
                await asyncio.sleep(self._rest * (time.monotonic() - began))
            began = time.monotonic()


def _arrays(heads: Collection[ChainHead]) -> dict[str, list[Any]]:
    return {
        "chains": [head.chain for head in heads],
        "lengths": [head.length for head in heads],
        "digests": [head.digest for head in heads],
    }
