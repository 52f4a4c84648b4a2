"""Work that only one process does at a time, by an advisory lock of PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction

VERIFICATION = 0x6175646974  # "audit"
SETTINGS = 0x7365747470  # "setti"
DEMONSTRATION = 0x64656D6F  # "demo"


class ExclusiveSection:
    """A section that holds the lock with this key in a transaction, which a pooler keeps on one connection."""

    def __init__(self, engine: AsyncEngine, key: int) -> None:
        self._engine = engine
        self._key = key

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[bool]:
        """Yields whether this process holds the lock; it never waits for another."""
        async with transaction(self._engine) as connection:
            yield bool(await connection.scalar(select(func.pg_try_advisory_xact_lock(self._key))))


class NoOneInside:
    """Whether no process is in the exclusive section with this key."""

    def __init__(self, engine: AsyncEngine, key: int) -> None:
        self._engine = engine
        self._key = key

    async def __call__(self) -> bool:
        """Does not wait, and keeps nobody out."""
        async with transaction(self._engine) as connection:
            return bool(await connection.scalar(select(func.pg_try_advisory_xact_lock_shared(self._key))))
