"""Processing of batches in PostgreSQL: the batch's own row is the queue entry and holds the lease.

Decisions are written in the transaction that updates the batch's progress, which commits only while the lease is
held. So a worker whose lease expired cannot write a row twice. Leases use the database's clock, which all workers
share.
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
    responds,
    transaction,
    translated_errors,
)
from adapters.persistence.database.tables import audit_entries
from adapters.persistence.decisions.bulk import write_records
from adapters.persistence.decisions.chained_writer import REFUSALS, record_refused
from adapters.persistence.decisions.references import ReferenceConflict, references_taken
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease, LeaseLost
from application.ports.decisions.decision_ledger import RecordRefused
from application.ports.operations.dependencies import DependencyUnavailable
from domain.audit.entry import ChainHead
from domain.batches.batch import Batch, BatchState

_INSERT_RESULTS = "INSERT INTO batch_results (batch_id, stretch, results, errors) VALUES ($1, $2, $3, $4)"
_UPDATE_PROGRESS = """
UPDATE batches SET rows_read = $3, rows_refused = $4, approved = $5, referred = $6, declined = $7, share_done = $8,
    stretches = $9, attempts = 0, lease_until = clock_timestamp() + $10::interval
WHERE batch_id = $1 AND lease = $2
"""
_STATEMENT_TIMEOUT = 60.0


class PostgresBatchWork(BatchWork):
    """One worker's access to batches. Decisions use a connection and an audit chain of their own."""

    def __init__(self, database_url: str, engine: AsyncEngine, *, lease_seconds: float = 15.0) -> None:
        self._database_url = database_url
        self._engine = engine
        self._lease = timedelta(seconds=lease_seconds)
        self._connection: Any = None
        self._head: ChainHead | None = None

    @property
    def lease_seconds(self) -> float:
        return self._lease.total_seconds()

    async def lease_next(self, at: datetime) -> Lease | None:
        """Lease the oldest batch of the caller whose last batch started longest ago.

        So a caller with many queued batches does not delay the others. Concurrent workers skip each other's rows.
        """
        available = or_(batches.c.lease_until.is_(None), batches.c.lease_until < func.clock_timestamp())
        started = batches.alias()
        last_started = (
            select(func.max(started.c.started_at))
            .where(started.c.requested_by == batches.c.requested_by)
            .correlate(batches)
            .scalar_subquery()
        )
        next_batch = (
            select(batches.c.batch_id)
            .where(batches.c.state.in_([BatchState.QUEUED.value, BatchState.RUNNING.value]), available)
            .order_by(last_started.asc().nulls_first(), batches.c.batch_id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        token = uuid4()
        query = (
            update(batches)
            .where(batches.c.batch_id == next_batch)
            .values(
                state=BatchState.RUNNING.value,
                started_at=func.coalesce(batches.c.started_at, at),
                lease=token,
                lease_until=func.clock_timestamp() + self._lease,
                attempts=batches.c.attempts + 1,
            )
            .returning(*BATCH_COLUMNS, batches.c.attempts, batches.c.traceparent)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Lease(from_row(row._mapping), token, row.attempts, row.traceparent)

    async def renew(self, lease: Lease) -> None:
        await self._change(lease, {"lease_until": func.clock_timestamp() + self._lease})

    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        """Return the batch to the queue. The attempt does not count, since the batch was not its cause."""
        attempts = func.greatest(batches.c.attempts - 1, 0)
        until = func.clock_timestamp() + timedelta(seconds=retry_delay_seconds) if retry_delay_seconds else None
        available = {"state": BatchState.QUEUED.value, "lease": None, "lease_until": until, "attempts": attempts}
        await self._change(lease, available)

    async def content(self, lease: Lease) -> AsyncIterator[bytes]:
        """The uploaded content, one statement per chunk."""
        number = 0
        while True:
            query = select(batch_chunks.c.content).where(
                batch_chunks.c.batch_id == lease.batch.batch_id, batch_chunks.c.number == number
            )
            async with transaction(self._engine) as connection:
                chunk = await connection.scalar(query)
            if chunk is None:
                return
            yield chunk
            number += 1

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        """Record a chunk. The lease is checked last, so the batch can be cancelled while decisions are written."""
        try:
            with translated_errors():
                connection = await self._open()
                async with connection.transaction():
                    head = await write_records(connection, chunk.records, self._head)
                    await self._write_progress(connection, lease, chunk)
            self._head = head
        except ReferenceConflict as conflict:
            with translated_errors():
                raise await references_taken(connection, conflict) from conflict
        except asyncpg.DeadlockDetectedError as fault:  # another file records the same references
            raise DependencyUnavailable("another transaction records the same references") from fault
        except REFUSALS as fault:
            if isinstance(fault, asyncpg.UniqueViolationError) and fault.table_name == audit_entries.name:
                self._head = None
                raise DependencyUnavailable(
                    "another writer added an entry to this worker's audit chain; it continues on a new one"
                ) from fault
            raise record_refused(fault) from fault
        except (RecordRefused, LeaseLost):
            raise
        except BaseException:
            self._abandon()  # whether the commit happened is unknown, so this chain ends
            raise
        return replace(lease, batch=lease.batch.after(chunk.progress), attempts=0)

    async def end(self, lease: Lease, ended: Batch) -> None:
        held = select(batches.c.batch_id).where(_is_held(lease)).with_for_update()
        async with transaction(self._engine) as connection:
            if (await connection.execute(held)).one_or_none() is None:
                raise _lease_lost(lease)
            for statement in end_statements(ended):
                await connection.execute(statement)

    async def close(self) -> None:
        if self._connection is not None:
            await close_quietly(self._connection)

    async def _open(self) -> Any:
        if self._connection is None or self._connection.is_closed() or not await responds(self._connection):
            self._connection, self._head = await connect_durably(self._database_url), None
        return self._connection

    def _abandon(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = self._head = None

    async def _write_progress(self, connection: Any, lease: Lease, chunk: DecidedChunk) -> None:
        batch_id, progress = lease.batch.batch_id, chunk.progress
        outcome = await connection.execute(
            _UPDATE_PROGRESS,
            batch_id,
            lease.token,
            *progress_row(progress).values(),
            self._lease,
            timeout=_STATEMENT_TIMEOUT,
        )
        if outcome != "UPDATE 1":
            raise _lease_lost(lease)
        await connection.execute(
            _INSERT_RESULTS, batch_id, progress.chunks, chunk.results, chunk.errors, timeout=_STATEMENT_TIMEOUT
        )

    async def _change(self, lease: Lease, values: dict[str, Any]) -> None:
        async with transaction(self._engine) as connection:
            changed = await connection.execute(update(batches).where(_is_held(lease)).values(values))
        if changed.rowcount != 1:
            raise _lease_lost(lease)


def _is_held(lease: Lease) -> Any:
    return and_(batches.c.batch_id == lease.batch.batch_id, batches.c.lease == lease.token)


def _lease_lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"batch {lease.batch.batch_id} was cancelled or taken over")
