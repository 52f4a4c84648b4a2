"""What a migration does to the tables that decisions are written to, while it runs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

_LOCKS = """
SELECT DISTINCT relation::regclass::text AS name FROM pg_locks
WHERE granted AND relation = ANY($1::oid[])
    AND mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
"""
"""The modes that stop decisions from being written or read."""
_WATCHED = """
SELECT oid, oid::regclass::text AS name, pg_relation_filenode(oid) AS file FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND (relname ~ '^decisions' OR relname IN ('audit_entries', 'idempotency_keys'))
"""
_EVERY = 0.01


@dataclass
class MigrationWatch:
    """`blocked` has the longest time in seconds each table was locked, `rewritten` the tables written anew."""

    blocked: dict[str, float] = field(default_factory=dict)
    rewritten: list[str] = field(default_factory=list)

    @property
    def longest(self) -> float:
        """The longest time that any table was locked."""
        return max(self.blocked.values(), default=0.0)


@asynccontextmanager
async def migration_watch(url: str) -> AsyncIterator[MigrationWatch]:
    """Watch the database until the block ends."""
    connection = await asyncpg.connect(url)
    try:
        before = {row["name"]: row for row in await connection.fetch(_WATCHED)}
        watch = MigrationWatch()
        watching = asyncio.create_task(_sample(connection, [row["oid"] for row in before.values()], watch))
        try:
            yield watch
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        after = {row["name"]: row["file"] for row in await _files(url)}
        watch.rewritten = sorted(
            name for name, row in before.items() if name in after and after[name] != row["file"]
        )
    finally:
        await connection.close()


async def _files(url: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(_WATCHED)
    finally:
        await connection.close()


async def _sample(connection: Any, tables: list[int], watch: MigrationWatch) -> None:
    since: dict[str, float] = {}
    while True:
        locked = {row["name"] for row in await connection.fetch(_LOCKS, tables)}
        now = time.monotonic()
        since = {name: since.get(name, now) for name in locked}
        for name, begin in since.items():
            watch.blocked[name] = max(watch.blocked.get(name, 0.0), now - begin)
        await asyncio.sleep(_EVERY)
