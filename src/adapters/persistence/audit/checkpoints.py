"""Checkpoints in PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import asyncpg
from sqlalchemy import Row, TextClause, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import driver_error, transaction
from adapters.persistence.database.tables import checkpoint_heads, checkpoints
from application.ports.audit.checkpoints import Checkpoints, CheckpointTaken
from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.entry import ChainHead

_PAGE_SIZE = 1000
CHAINS = """
    WITH RECURSIVE chains AS (
        (SELECT chain FROM audit_entries ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM audit_entries WHERE chain > chains.chain ORDER BY chain LIMIT 1)
        FROM chains WHERE chains.chain IS NOT NULL
    )
"""
"""Lists the chains by index lookups, without reading the entries in between."""
_CONTIGUOUS_END = """
    SELECT chain, sequence AS length, digest FROM (
        SELECT chain, sequence, digest, {stated} + row_number() OVER (ORDER BY sequence) AS expected
        FROM audit_entries WHERE audit_entries.chain = chains.chain AND sequence > {stated}
    ) AS added
    WHERE sequence = expected ORDER BY sequence DESC LIMIT 1
"""
"""The last entry of a chain before its first gap. Entries beyond a gap were not written by the service; stating
them would prevent later checkpoints from covering the chain's real entries.
"""
_UNCHECKPOINTED_HEADS = text(
    f"""
    {CHAINS}
    SELECT head.* FROM chains
    CROSS JOIN LATERAL (
        SELECT coalesce(max(length), 0) AS length
        FROM checkpoint_heads JOIN checkpoints USING (number) WHERE checkpoint_heads.chain = chains.chain
    ) AS stated
    CROSS JOIN LATERAL ({_CONTIGUOUS_END.format(stated="stated.length")}) AS head
    """  # noqa: S608 - our own text
)
"""Ignores heads of no checkpoint (inserted past the database's rules), so they cannot block new checkpoints."""
_CHAIN_HEADS = text(
    f"{CHAINS} SELECT head.* FROM chains CROSS JOIN LATERAL ({_CONTIGUOUS_END.format(stated='0')}) AS head"  # noqa: S608 - our own text
)
_HEADS_AT = text(
    """
    WITH RECURSIVE chains AS (
        (SELECT chain FROM checkpoint_heads ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM checkpoint_heads WHERE chain > chains.chain ORDER BY chain LIMIT 1)
        FROM chains WHERE chains.chain IS NOT NULL
    )
    SELECT head.* FROM chains CROSS JOIN LATERAL (
        SELECT chain, length, digest FROM checkpoint_heads
        WHERE checkpoint_heads.chain = chains.chain AND number <= :number
        ORDER BY length DESC, number DESC LIMIT 1
    ) AS head
    """
)


class PostgresCheckpoints(Checkpoints):
    """The number is the primary key, so of several replicas creating the same checkpoint only one succeeds."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def last(self) -> SignedCheckpoint | None:
        newest = select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)
        async with transaction(self._engine) as connection:
            found = await with_heads(connection, (await connection.execute(newest)).all())
        return found[0] if found else None

    async def uncheckpointed_heads(self) -> tuple[ChainHead, ...]:
        return await self._heads(_UNCHECKPOINTED_HEADS)

    async def chain_heads(self) -> tuple[ChainHead, ...]:
        """The heads of all chains. Reads every entry."""
        return await self._heads(_CHAIN_HEADS)

    async def heads_at(self, number: int) -> tuple[ChainHead, ...]:
        return await self._heads(_HEADS_AT, {"number": number})

    async def _heads(
        self, query: TextClause, parameters: Mapping[str, int] | None = None
    ) -> tuple[ChainHead, ...]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query, parameters)).all()
        return tuple(ChainHead(row.chain, row.length, row.digest) for row in rows)

    async def add(self, signed: SignedCheckpoint) -> None:
        checkpoint = signed.checkpoint
        row = {
            "number": checkpoint.number,
            "at": checkpoint.at,
            "previous": checkpoint.previous,
            "public_key": signed.public_key,
            "signature": signed.signature,
        }
        heads = [
            {"chain": head.chain, "length": head.length, "number": checkpoint.number, "digest": head.digest}
            for head in checkpoint.heads
        ]
        async with transaction(self._engine) as connection:
            try:
                await connection.execute(insert(checkpoints), row)
            except IntegrityError as fault:
                if not isinstance(driver_error(fault), asyncpg.UniqueViolationError):
                    raise
                raise CheckpointTaken(f"checkpoint {checkpoint.number} already exists") from fault
            if heads:
                await connection.execute(insert(checkpoint_heads), heads)

    async def all(self, *, after: int = 0) -> AsyncIterator[SignedCheckpoint]:
        """All checkpoints after a number, a thousand at a time from one snapshot."""
        number = after
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            while True:
                query = select(checkpoints).where(checkpoints.c.number > number)
                query = query.order_by(checkpoints.c.number).limit(_PAGE_SIZE)
                rows = (await connection.execute(query)).all()
                if not rows:
                    return
                for signed in await with_heads(connection, rows):
                    yield signed
                number = rows[-1].number


async def with_heads(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[SignedCheckpoint]:
    """The checkpoints of these rows (ordered by number) with the chain heads that they state."""
    if not rows:
        return []
    stated = checkpoint_heads.c.number.in_([row.number for row in rows])
    query = select(checkpoint_heads).where(stated).order_by(checkpoint_heads.c.number, checkpoint_heads.c.chain)
    heads = {
        number: tuple(ChainHead(head.chain, head.length, head.digest) for head in group)
        for number, group in groupby((await connection.execute(query)).all(), key=lambda head: head.number)
    }
    return [
        SignedCheckpoint(
            Checkpoint(row.number, row.at, row.previous, heads.get(row.number, ())), row.public_key, row.signature
        )
        for row in rows
    ]
