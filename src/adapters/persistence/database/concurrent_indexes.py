"""Builds indexes of partitions that a migration left out, while decisions are recorded.

A migration that adds an index to a partitioned table creates it ON ONLY the table. It becomes valid when each
partition has a part of it. CREATE INDEX CONCURRENTLY, which blocks nothing, is not possible within a migration's
transaction.
"""

import asyncio
import logging
from typing import Any

import asyncpg

from adapters.persistence.database.connections import connect

_log = logging.getLogger(__name__)
_LOCK = 4_207_849_485
_ATTEMPTS, _PAUSE_SECONDS = 30, 1.0
_MISSING = """
SELECT of_table.relname AS index, of_partition.relname AS partition,
    replace(of_partition.relname, partitioned.relname, of_table.relname) AS name,
    pg_relation_size(of_partition.oid) AS bytes,
    regexp_replace(pg_get_indexdef(of_table.oid), '^.*? USING ', '') AS definition
FROM pg_index AS incomplete
JOIN pg_class AS of_table ON of_table.oid = indexrelid AND of_table.relkind = 'I'
JOIN pg_class AS partitioned ON partitioned.oid = indrelid
JOIN pg_inherits AS of_its ON of_its.inhparent = partitioned.oid
JOIN pg_class AS of_partition ON of_partition.oid = of_its.inhrelid
WHERE NOT incomplete.indisvalid AND partitioned.relnamespace = quote_ident(current_schema())::regnamespace
AND pg_has_role(partitioned.relowner, 'USAGE') AND NOT EXISTS (
    SELECT FROM pg_inherits AS part JOIN pg_index AS attached ON attached.indexrelid = part.inhrelid
    WHERE part.inhparent = of_table.oid AND attached.indrelid = of_partition.oid
)
ORDER BY of_partition.relname DESC, of_table.relname
"""
"""The newest partition first, since it is read most."""


async def build_missing_indexes(database_url: str) -> None:
    """Build what is missing. One process at a time does; others wait for it, in no transaction."""
    connection = await connect(database_url)
    try:
        while missing := await connection.fetch(_MISSING):
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            try:
                await _build(connection, missing[0])
            finally:
                await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    finally:
        await connection.close(timeout=2)


async def _build(connection: Any, missing: Any) -> None:
    name, index, partition, size, definition = (
        missing[key] for key in ("name", "index", "partition", "bytes", "definition")
    )
    _log.info("building the index %s of %s (%.1f GB), while decisions continue", name, partition, size / 1e9)
    await connection.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')  # an interrupted build left it
    await connection.execute(f'CREATE INDEX CONCURRENTLY "{name}" ON "{partition}" USING {definition}')
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '2s'")
                await connection.execute(f'ALTER INDEX "{index}" ATTACH PARTITION "{name}"')
        except asyncpg.LockNotAvailableError:
            if attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            await connection.execute(f'ANALYZE "{partition}"')  # autovacuum does not, for a finished month
            return
