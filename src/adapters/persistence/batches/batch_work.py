"""The work on batches in PostgreSQL: the batch's own row is the queue, and carries the lease.

What is decided is written in the transaction that moves the batch on, and that transaction goes through only while
the lease is held: a worker that was taken for dead cannot write a row twice. Leases are timed by the database's
clock, which all workers share.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.batches.batch_end import end_statements
from adapters.persistence.batches.batch_rows import BATCH_COLUMNS, from_row, progress_row
from adapters.persistence.batches.batch_tables import batch_chunks, batches
from adapters.persistence.database.connections import (
    close_quietly,
    connect_durably,
    transaction,
    translated_errors,
)
from adapters.persistence.database.tables import audit_entries
from adapters.persistence.decisions.bulk import write_records
from adapters.persistence.decisions.chained_writer import REFUSALS, record_refused
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease, LeaseLost
from application.ports.decisions.decision_ledger import RecordRefused
from application.ports.operations.dependencies import DependencyUnavailable
from domain.audit.entry import ChainHead
from domain.batches.batch import Batch, BatchState

_KEEP_RESULTS = "INSERT INTO batch_results (batch_id, stretch, results, errors) VALUES ($1, $2, $3, $4)"
_MOVE_ON = """
UPDATE batches SET rows_read = $3, rows_refused = $4, approved = $5, referred = $6, declined = $7, share_done = $8,
    stretches = $9, attempts = 0, lease_until = clock_timestamp() + $10::interval
WHERE batch_id = $1 AND lease = $2
"""
_LONGEST_STATEMENT = 60.0


class PostgresBatchWork(BatchWork):
    """One worker's side of the batches; decisions go through a connection and an audit chain of their own."""

    def __init__(self, database_url: str, engine: AsyncEngine, *, lease_seconds: float = 15.0) -> None:
        self._database_url = database_url
        self._engine = engine
        self._lease = timedelta(seconds=lease_seconds)
        self._connection: Any = None
        self._head: ChainHead | None = None

    @property
    def lease_seconds(self) -> float:
        """How long a lease lasts."""
        return self._lease.total_seconds()

    async def lease_next(self, at: datetime) -> Lease | None:
        """Workers that look at the same time pass one another by.

        A caller is served when a batch of theirs is begun: one who has queued many gets one turn like everybody.
        """
        free = or_(batches.c.lease_until.is_(None), batches.c.lease_until < func.clock_timestamp())
        begun = batches.alias()
        last_begun = (
            select(func.max(begun.c.started_at))
            .where(begun.c.requested_by == batches.c.requested_by)
            .correlate(batches)
            .scalar_subquery()
        )
        next_one = (
            select(batches.c.batch_id)
            .where(batches.c.state.in_([BatchState.QUEUED.value, BatchState.RUNNING.value]), free)
            .order_by(last_begun.asc().nulls_first(), batches.c.batch_id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        token = uuid4()
        taken = (
            update(batches)
            .where(batches.c.batch_id == next_one)
            .values(
                state=BatchState.RUNNING.value,
                started_at=func.coalesce(batches.c.started_at, at),
                lease=token,
                lease_until=func.clock_timestamp() + self._lease,
                attempts=batches.c.attempts + 1,
            )
            .returning(*BATCH_COLUMNS, batches.c.attempts)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(taken)).one_or_none()
        return None if row is None else Lease(from_row(row._mapping), token, row.attempts)

    async def renew(self, lease: Lease) -> None:
        """Move the end of the lease on."""
        await self._change(lease, {"lease_until": func.clock_timestamp() + self._lease})

    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        """The attempt does not count: it was broken off on purpose, or by somebody else's fault."""
        attempts = func.greatest(batches.c.attempts - 1, 0)
        until = func.clock_timestamp() + timedelta(seconds=retry_delay_seconds) if retry_delay_seconds else None
        free = {"state": BatchState.QUEUED.value, "lease": None, "lease_until": until, "attempts": attempts}
        await self._change(lease, free)

    async def content(self, lease: Lease) -> AsyncIterator[bytes]:
        """One chunk a statement."""
        number = 0
        while True:
            wanted = select(batch_chunks.c.content).where(
                batch_chunks.c.batch_id == lease.batch.batch_id, batch_chunks.c.number == number
            )
            async with transaction(self._engine) as connection:
                chunk = await connection.scalar(wanted)
            if chunk is None:
                return
            yield chunk
            number += 1

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        """The lease is looked at last, so that a batch can be cancelled while its decisions are being written."""
        try:
            with translated_errors():
                connection = await self._open()
                async with connection.transaction():
                    head = await write_records(connection, chunk.records, self._head)
                    await self._move_on(connection, lease, chunk)
            self._head = head
        except REFUSALS as fault:
            if isinstance(fault, asyncpg.UniqueViolationError) and fault.table_name == audit_entries.name:
                self._head = None
                raise DependencyUnavailable(
                    "another writer put an entry on this worker's audit chain; it continues on a new one"
                ) from fault
            raise record_refused(fault) from fault
        except (RecordRefused, LeaseLost):
            raise
        except BaseException:
            self._abandon()  # the commit may have happened or not: this chain ends here
            raise
        return replace(lease, batch=lease.batch.after(chunk.progress), attempts=0)

    async def end(self, lease: Lease, ended: Batch) -> None:
        """Write the end while the lease is held."""
        held = select(batches.c.batch_id).where(_is(lease)).with_for_update()
        async with transaction(self._engine) as connection:
            if (await connection.execute(held)).one_or_none() is None:
                raise _lost(lease)
            for statement in end_statements(ended):
                await connection.execute(statement)

    async def close(self) -> None:
        """Take leave of the server."""
        if self._connection is not None:
            await close_quietly(self._connection)

    async def _open(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection, self._head = await connect_durably(self._database_url), None
        return self._connection

    def _abandon(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = self._head = None

    async def _move_on(self, connection: Any, lease: Lease, chunk: DecidedChunk) -> None:
        batch_id, progress = lease.batch.batch_id, chunk.progress
        outcome = await connection.execute(
            _MOVE_ON,
            batch_id,
            lease.token,
            *progress_row(progress).values(),
            self._lease,
            timeout=_LONGEST_STATEMENT,
        )
        if outcome != "UPDATE 1":
            raise _lost(lease)
        await connection.execute(
            _KEEP_RESULTS,
            batch_id,
            progress.chunks,
            chunk.results,
            chunk.errors,
            timeout=_LONGEST_STATEMENT,
        )

    async def _change(self, lease: Lease, values: dict[str, Any]) -> None:
        async with transaction(self._engine) as connection:
            changed = await connection.execute(update(batches).where(_is(lease)).values(values))
        if changed.rowcount != 1:
            raise _lost(lease)


def _is(lease: Lease) -> Any:
    return and_(batches.c.batch_id == lease.batch.batch_id, batches.c.lease == lease.token)


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"batch {lease.batch.batch_id} was cancelled or taken over")
