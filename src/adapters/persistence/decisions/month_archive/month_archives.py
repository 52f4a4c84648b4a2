"""Months of decisions, from PostgreSQL to Parquet files and back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import driver_error, transaction
from adapters.persistence.database.tables import audit_entries
from adapters.persistence.decisions.month_archive.export import export_month
from adapters.persistence.decisions.month_archive.partition_changes import (
    add_partition,
    drop_partition,
    limits_of,
)
from application.ports.decisions.month_archives import (
    ChainRange,
    MonthArchives,
    MonthContents,
    MonthNotArchivable,
)
from application.ports.operations.database_dumps import Progress
from domain.audit.entry import AuditEntry
from domain.audit.event import RecordedEvent
from domain.audit.subject import DECISION_RECORDED
from domain.month import Month

_ATTEMPTS, _PAUSE_SECONDS = 5, 1.0
T = TypeVar("T")


class PostgresMonthArchives(MonthArchives):
    """Changes of partitions wait at most two seconds for a lock, and are tried five times."""

    def __init__(self, engine: AsyncEngine, events: EventChain | None = None) -> None:
        self._engine = engine
        self._events = events or EventChain()

    async def export(self, month: Month, folder: Path, progress: Progress) -> MonthContents:
        """Everything is read from one snapshot."""
        snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ")
        async with transaction(snapshot) as connection:
            return await export_month(connection, month, folder, progress)

    async def recorded_entries(self, chains: Collection[ChainRange]) -> AsyncIterator[AuditEntry]:
        columns = audit_entries.c
        async with transaction(self._engine) as connection:
            for chain in chains:
                query = select(audit_entries).where(columns.chain == chain.chain).order_by(columns.sequence)
                query = query.where(columns.sequence.between(chain.first, chain.last))
                async for row in await connection.stream(query, execution_options={"yield_per": 1000}):
                    yield AuditEntry(*row)

    async def recorded_decisions(self, month: Month) -> int:
        subject = audit_entries.c.subject
        async with transaction(self._engine) as connection:
            first, beyond = await limits_of(connection, month)
            query = select(func.count()).where(subject >= UUID(first), subject < UUID(beyond))
            count: int = await connection.scalar(query.where(audit_entries.c.action == DECISION_RECORDED)) or 0
        return count

    async def drop(self, month: Month, decisions: int, event: RecordedEvent) -> None:
        async def change(connection: AsyncConnection) -> None:
            await drop_partition(connection, month, decisions)
            await self._events.append(connection, event)

        await self._changed(change)

    async def restore(
        self, month: Month, folder: Path, decisions: int, event: RecordedEvent, progress: Progress
    ) -> None:
        async def change(connection: AsyncConnection) -> None:
            await add_partition(connection, month, folder, decisions, progress)
            await self._events.append(connection, event)

        await self._changed(change)

    async def _changed(self, change: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with transaction(self._engine) as connection:
                    await change(connection)
            except DBAPIError as fault:
                if not isinstance(driver_error(fault), asyncpg.LockNotAvailableError):
                    raise
                if attempt == _ATTEMPTS:
                    raise MonthNotArchivable(
                        "long statements read the decisions, so that the partition cannot be changed: try again "
                        "when they have ended. Nothing was changed"
                    ) from fault
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return
