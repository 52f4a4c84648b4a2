"""Aggregates of recorded decisions in PostgreSQL."""

from sqlalchemy import BigInteger, bindparam, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.pending_entries import PREPARE
from adapters.persistence.database.connections import transaction
from adapters.persistence.monitoring.aggregate_statements import (
    ADD_PENDING,
    ADDING_LOCK,
    COUNT_PENDING,
    add_table,
)
from adapters.persistence.monitoring.overview_tables import SUMS, overview_names, overview_positions
from application.ports.monitoring.decision_aggregates import DecisionAggregates
from domain.month import Month

_ADD_PENDING = text(ADD_PENDING).bindparams(bindparam("limit", type_=BigInteger()))
_ENTRIES_AT_ONCE = 10_000


class PostgresDecisionAggregates(DecisionAggregates):
    """Aggregates and positions change together; one process at a time adds to them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add_next(self, limit: int) -> int | None:
        async with transaction(self._engine) as connection:
            if not await connection.scalar(select(func.pg_try_advisory_xact_lock(ADDING_LOCK))):
                return None
            return await _add_next(connection, limit)

    async def pending(self) -> int:
        async with transaction(self._engine) as connection:
            count: int = await connection.scalar(text(COUNT_PENDING)) or 0
        return count

    async def clear(self) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(ADDING_LOCK)))
            for table in (overview_positions, overview_names, *SUMS):
                await connection.execute(delete(table))


async def _add_next(connection: AsyncConnection, limit: int) -> int:
    await connection.execute(text(PREPARE))
    count: int = await connection.scalar(_ADD_PENDING, {"limit": limit}) or 0
    return count


async def remove_month(connection: AsyncConnection, month: Month) -> None:
    """Remove a month from the aggregates, in the transaction that removes its decisions."""
    await connection.execute(select(func.pg_advisory_xact_lock(ADDING_LOCK)))
    for table in SUMS:
        await connection.execute(delete(table).where(table.c.month == month.first_day))


async def add_month(connection: AsyncConnection, month: Month, partition: str) -> None:
    """Add a month to the aggregates, in the transaction that restores its partition and before it is attached.

    Entries that are pending are added before, so that they do not add decisions of the month once more.
    """
    await remove_month(connection, month)
    while await _add_next(connection, _ENTRIES_AT_ONCE):
        pass
    await connection.execute(text(add_table(partition)))
