"""Checkpoints in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Row, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.connections import using
from adapters.persistence.tables import checkpoint_heads, checkpoints
from application.ports.checkpoints import Checkpoints, CheckpointTaken
from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.entry import ChainHead

_AT_A_TIME = 1000
_GROWN = text(
    """
    WITH RECURSIVE chains AS (
        (SELECT chain FROM audit_entries ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM audit_entries WHERE chain > chains.chain ORDER BY chain LIMIT 1)
        FROM chains WHERE chains.chain IS NOT NULL
    )
    SELECT head.chain, head.sequence AS length, head.digest FROM chains
    CROSS JOIN LATERAL (
        SELECT chain, sequence, digest FROM audit_entries
        WHERE audit_entries.chain = chains.chain ORDER BY sequence DESC LIMIT 1
    ) AS head
    WHERE NOT EXISTS (
        SELECT FROM checkpoint_heads JOIN checkpoints USING (number)
        WHERE checkpoint_heads.chain = head.chain AND length >= head.sequence
    )
    """
)
"""From chain to chain by the index, without reading the entries in between. A head that no checkpoint states, put
there by somebody who can make the database forget its rules, keeps none from being made.
"""


class PostgresCheckpoints(Checkpoints):
    """The number is the primary key: of replicas that make one at the same time, one does."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def last(self) -> SignedCheckpoint | None:
        """The newest."""
        newest = select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)
        async with using(self._engine) as connection:
            found = await _with_heads(connection, (await connection.execute(newest)).all())
        return found[0] if found else None

    async def grown(self) -> tuple[ChainHead, ...]:
        """The chains that are longer than any checkpoint says."""
        async with using(self._engine) as connection:
            rows = (await connection.execute(_GROWN)).all()
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
        async with using(self._engine) as connection:
            try:
                await connection.execute(insert(checkpoints), row)
            except IntegrityError as fault:
                raise CheckpointTaken(f"there is a checkpoint {stated.number} already") from fault
            if heads:
                await connection.execute(insert(checkpoint_heads), heads)

    async def all(self) -> AsyncIterator[SignedCheckpoint]:
        """All of them, a thousand at a time, as they stood at one moment."""
        number = 0
        async with using(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
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
