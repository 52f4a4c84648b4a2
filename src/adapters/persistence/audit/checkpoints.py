"""Checkpoints in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any

import asyncpg
from sqlalchemy import Row, TextClause, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import checkpoint_heads, checkpoints
from application.ports.audit.checkpoints import Checkpoints, CheckpointTaken
from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.entry import ChainHead

_AT_A_TIME = 1000
_CHAINS = """
    WITH RECURSIVE chains AS (
        (SELECT chain FROM audit_entries ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM audit_entries WHERE chain > chains.chain ORDER BY chain LIMIT 1)
        FROM chains WHERE chains.chain IS NOT NULL
    )
"""
"""From chain to chain by the index, without reading the entries in between."""
_CONTIGUOUS_END = """
    SELECT chain, sequence AS length, digest FROM (
        SELECT chain, sequence, digest, {stated} + row_number() OVER (ORDER BY sequence) AS expected
        FROM audit_entries WHERE audit_entries.chain = chains.chain AND sequence > {stated}
    ) AS added
    WHERE sequence = expected ORDER BY sequence DESC LIMIT 1
"""
"""The last entry of a chain that can be reached without a gap. What lies beyond a gap was not written by the
service: stating it would keep later checkpoints from speaking of the chain's real entries.
"""
_GROWN = text(
    f"""
    {_CHAINS}
    SELECT head.* FROM chains
    CROSS JOIN LATERAL (
        SELECT coalesce(max(length), 0) AS length
        FROM checkpoint_heads JOIN checkpoints USING (number) WHERE checkpoint_heads.chain = chains.chain
    ) AS stated
    CROSS JOIN LATERAL ({_CONTIGUOUS_END.format(stated="stated.length")}) AS head
    """  # noqa: S608 - our own text
)
"""A head that no checkpoint states, added past the database's rules, keeps no checkpoint from being made."""
_ENDS = text(
    f"{_CHAINS} SELECT head.* FROM chains CROSS JOIN LATERAL ({_CONTIGUOUS_END.format(stated='0')}) AS head"  # noqa: S608 - our own text
)


class PostgresCheckpoints(Checkpoints):
    """The number is the primary key: of replicas that make one at the same time, one does."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def last(self) -> SignedCheckpoint | None:
        """The newest."""
        newest = select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)
        async with transaction(self._engine) as connection:
            found = await _with_heads(connection, (await connection.execute(newest)).all())
        return found[0] if found else None

    async def uncheckpointed_heads(self) -> tuple[ChainHead, ...]:
        """The chains that are longer than any checkpoint says."""
        return await self._heads(_GROWN)

    async def chain_heads(self) -> tuple[ChainHead, ...]:
        """All chains; every entry is read for it."""
        return await self._heads(_ENDS)

    async def _heads(self, question: TextClause) -> tuple[ChainHead, ...]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(question)).all()
        return tuple(ChainHead(row.chain, row.length, row.digest) for row in rows)

    async def add(self, signed: SignedCheckpoint) -> None:
        """Keep one, its heads with it, or nothing."""
        stated = signed.checkpoint
        row = {
            "number": stated.number,
            "at": stated.at,
            "previous": stated.previous,
            "public_key": signed.public_key,
            "signature": signed.signature,
        }
        heads = [
            {"chain": head.chain, "length": head.length, "number": stated.number, "digest": head.digest}
            for head in stated.heads
        ]
        async with transaction(self._engine) as connection:
            try:
                await connection.execute(insert(checkpoints), row)
            except IntegrityError as fault:
                if not isinstance(fault.orig and fault.orig.__cause__, asyncpg.UniqueViolationError):
                    raise
                raise CheckpointTaken(f"there is a checkpoint {stated.number} already") from fault
            if heads:
                await connection.execute(insert(checkpoint_heads), heads)

    async def all(self, *, after: int = 0) -> AsyncIterator[SignedCheckpoint]:
        """All of them after a number, a thousand at a time, as they stood at one moment."""
        number = after
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            while True:
                following = select(checkpoints).where(checkpoints.c.number > number)
                following = following.order_by(checkpoints.c.number).limit(_AT_A_TIME)
                rows = (await connection.execute(following)).all()
                if not rows:
                    return
                for signed in await _with_heads(connection, rows):
                    yield signed
                number = rows[-1].number


async def _with_heads(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[SignedCheckpoint]:
    """Checkpoints, given by number without a gap in what is asked for, with the heads they state."""
    if not rows:
        return []
    between = checkpoint_heads.c.number.between(rows[0].number, rows[-1].number)
    wanted = select(checkpoint_heads).where(between).order_by(checkpoint_heads.c.number, checkpoint_heads.c.chain)
    heads = {
        number: tuple(ChainHead(head.chain, head.length, head.digest) for head in group)
        for number, group in groupby((await connection.execute(wanted)).all(), key=lambda head: head.number)
    }
    return [
        SignedCheckpoint(
            Checkpoint(row.number, row.at, row.previous, heads.get(row.number, ())), row.public_key, row.signature
        )
        for row in rows
    ]
