"""Batches in PostgreSQL: content in chunks, progress in the batch's row, one row of results per chunk."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.batches.batch_end import end_statements
from adapters.persistence.batches.batch_rows import BATCH_COLUMNS, from_row, to_row
from adapters.persistence.batches.batch_tables import batch_results, batches
from adapters.persistence.batches.uploads import UploadSlots, claim_or_find, commit, roll_back
from adapters.persistence.database.connections import (
    close_quietly,
    connect_durably,
    transaction,
    translated_errors,
)
from adapters.persistence.webhooks.webhook_tables import webhook_deliveries
from application.ports.batches.batch_content import BatchContent
from application.ports.batches.batches import (
    NO_LONGER_KEPT,
    Batches,
    BatchNotFound,
    BatchOutput,
    BatchPage,
    ClaimOn,
    EventOf,
)
from application.ports.decisions.idempotency import OriginalResponseUnavailable
from domain.audit.event import RecordedEvent
from domain.batches.batch import Batch
from domain.batches.quota import BatchQuota

_INSERT_CHUNK = "INSERT INTO batch_chunks (batch_id, number, content) VALUES ($1, $2, $3)"
_LOCK_CALLER = "SELECT pg_advisory_xact_lock(hashtextextended('batches of ' || $1, 0))"
_OPEN_BATCHES = (
    "SELECT count(*) AS batches, coalesce(sum(size), 0)::bigint AS size FROM batches "
    "WHERE requested_by = $1 AND state IN ('queued', 'running')"
)
_COLUMN_NAMES = [column.name for column in BATCH_COLUMNS]
_INSERT_BATCH = (
    f"INSERT INTO batches (traceparent, {', '.join(_COLUMN_NAMES)}) "  # noqa: S608 - names of our own columns
    f"VALUES ({', '.join(f'${number}' for number in range(1, len(_COLUMN_NAMES) + 2))})"
)


_QUOTA = BatchQuota()


def _no_trace() -> None:
    """Return that the task is not traced."""


class PostgresBatches(Batches):
    """Each upload holds a connection of its own; at most `max_uploads` run at once in this process.

    `quota` limits each caller: uploads in this process, open batches in the whole database. `traceparent` returns
    the W3C traceparent of the task, which is stored with a batch.
    """

    def __init__(
        self,
        database_url: str,
        engine: AsyncEngine,
        *,
        quota: BatchQuota = _QUOTA,
        max_uploads: int = 12,
        events: EventChain | None = None,
        traceparent: Callable[[], str | None] = _no_trace,
    ) -> None:
        self._traceparent = traceparent
        self._events = events or EventChain()
        self._database_url = database_url
        self._engine = engine
        self._quota = quota
        self._slots = UploadSlots(quota, max_uploads)

    async def accept(
        self,
        batch: Batch,
        content: BatchContent,
        claim_on: ClaimOn | None = None,
        event_of: EventOf | None = None,
    ) -> Batch:
        """Write chunks as they arrive, in one transaction, so that an aborted upload leaves nothing behind."""
        with self._slots.taken(batch.requested_by.name):
            with translated_errors():
                connection = await connect_durably(self._database_url)
            try:
                return await self._accept(connection, batch, content, claim_on, event_of)
            finally:
                await close_quietly(connection)

    async def _accept(
        self,
        connection: Any,
        batch: Batch,
        content: BatchContent,
        claim_on: ClaimOn | None,
        event_of: EventOf | None,
    ) -> Batch:
        transaction = connection.transaction()
        with translated_errors():
            await transaction.start()
        try:
            if claim_on is None:  # with an idempotency key, the batch may exist already
                await self._check_quota(connection, batch)
            number = 0
            async for chunk in content.chunks():
                with translated_errors():
                    await connection.execute(_INSERT_CHUNK, batch.batch_id, number, chunk, timeout=30)
                number += 1
            queued = batch.received(size=content.size, digest=content.digest)
            claim = None if claim_on is None else claim_on(queued)
            with translated_errors():
                original_id = await claim_or_find(connection, queued.batch_id, claim)
            if original_id is None:
                with translated_errors():  # serialize uploads of one caller, so that each counts the others
                    await connection.execute(_LOCK_CALLER, batch.requested_by.name)
                await self._check_quota(connection, queued)
                with translated_errors():
                    row = to_row(queued)
                    values = (row[name] for name in _COLUMN_NAMES)
                    await connection.execute(_INSERT_BATCH, self._traceparent(), *values)
                    if event_of is not None:
                        await self._events.append(connection, event_of(queued))
                await commit(connection, transaction)
                return queued
        except BaseException:
            await roll_back(connection, transaction)
            raise
        await roll_back(connection, transaction)
        found = await self.find(original_id)
        if found is None:
            raise OriginalResponseUnavailable(NO_LONGER_KEPT)
        return found

    async def _check_quota(self, connection: Any, batch: Batch) -> None:
        with translated_errors():
            waiting = await connection.fetchrow(_OPEN_BATCHES, batch.requested_by.name)
        self._quota.check_waiting(waiting["batches"] + 1, waiting["size"] + batch.size)

    async def find(self, batch_id: UUID) -> Batch | None:
        async with transaction(self._engine) as connection:
            query = select(*BATCH_COLUMNS).where(batches.c.batch_id == batch_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else from_row(row._mapping)

    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> BatchPage:
        """Newest first. Identifiers are ordered by time."""
        query = select(*BATCH_COLUMNS).order_by(batches.c.batch_id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(batches.c.batch_id < before)
        if owner is not None:
            query = query.where(batches.c.requested_by == owner)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        found = tuple(from_row(row._mapping) for row in rows[:limit])
        return BatchPage(found, found[-1].batch_id if len(rows) > limit else None)

    async def cancel(self, batch_id: UUID, event: RecordedEvent) -> Batch:
        """Cancel a batch. A chunk that its worker is recording is rolled back, since the lease has ended."""
        query = select(*BATCH_COLUMNS).where(batches.c.batch_id == batch_id).with_for_update()
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise BatchNotFound(f"there is no batch {batch_id}")
            cancelled = from_row(row._mapping).cancel(event.at)
            for statement in end_statements(cancelled):
                await connection.execute(statement)
            await self._events.append(connection, event)
        return cancelled

    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        """Delete the oldest with their results and deliveries; rows locked by others are skipped."""
        old = (
            select(batches.c.batch_id)
            .where(batches.c.finished_at < func.now() - older_than)
            .order_by(batches.c.finished_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as connection:
            found = (await connection.execute(old)).scalars().all()
            for table in (batch_results, webhook_deliveries, batches) if found else ():
                await connection.execute(delete(table).where(table.c.batch_id.in_(found)))
        return len(found)

    async def output(self, batch_id: UUID, output: BatchOutput) -> AsyncIterator[bytes]:
        """One chunk at a time. No connection is held while the caller reads."""
        column = batch_results.c[output.value]
        chunk = 0
        while True:
            query = (
                select(batch_results.c.stretch, column)
                .where(batch_results.c.batch_id == batch_id, batch_results.c.stretch > chunk)
                .order_by(batch_results.c.stretch)
                .limit(1)
            )
            async with transaction(self._engine) as connection:
                row = (await connection.execute(query)).one_or_none()
            if row is None:
                return
            chunk, lines = row
            if lines:
                yield lines
