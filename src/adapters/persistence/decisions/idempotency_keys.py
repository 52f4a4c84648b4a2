"""Idempotency keys in PostgreSQL; their age is measured by the database's clock."""

from datetime import timedelta

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import idempotency_keys
from application.ports.decisions.idempotency_keys import IdempotencyKeys

_KEY = (idempotency_keys.c.actor, idempotency_keys.c.key)


class PostgresIdempotencyKeys(IdempotencyKeys):
    """Processes that purge at the same time skip each other's rows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        old = (
            select(*_KEY)
            .where(idempotency_keys.c.created_at < func.now() - older_than)
            .order_by(idempotency_keys.c.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(delete(idempotency_keys).where(tuple_(*_KEY).in_(old)))).rowcount
