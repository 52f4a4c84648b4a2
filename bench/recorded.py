"""Databases with many recorded decisions: real ones through the bulk path, then copies of them made in SQL.

A copy has the text of a real decision with an identifier and a time of its own, and an audit entry. So it takes as
much space and time to read as a real one; only its digests are not those of its text.
"""

import asyncio
import csv
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from adapters.persistence.decisions.decision_rows import DOCUMENT_PATHS
from domain.audit.subject import DECISION_RECORDED
from harness.running_service import SCORING, Service
from loadtest.applications import applications

T = TypeVar("T")
REAL = 100_000
PERIOD = timedelta(days=28)
"""The copies are spread over this time until now, in order."""

_CHANGED = ("decision_id", "decided_at")
_KEPT = [name for name in DOCUMENT_PATHS if name not in _CHANGED]
_TIME = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
_ORIGINALS = (
    "CREATE TEMPORARY TABLE original_decisions AS SELECT * FROM decisions ORDER BY decided_at DESC LIMIT {}"
)
_COPY = f"""
WITH original AS (
    SELECT *, row_number() OVER (ORDER BY decision_id) AS number FROM original_decisions
), dated AS (
    SELECT *, $1::timestamptz + $2::interval * (number::float8 / $3) AS at FROM original
), copy AS MATERIALIZED (
    SELECT *, (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0')
        || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS id
    FROM dated
), recorded AS (
    INSERT INTO decisions (decision_id, decided_at, {", ".join(_KEPT)}, document)
    SELECT id, at, {", ".join(_KEPT)},
        replace(replace(document, decision_id::text, id::text), {_TIME.format("decided_at")}, {_TIME.format("at")})
    FROM copy ORDER BY number
)
INSERT INTO audit_entries (chain, sequence, at, actor, action, subject, content_digest, previous, digest)
SELECT $4::uuid, number, at, requested_by, '{DECISION_RECORDED}', id,
    sha256(id::text::bytea), sha256(id::text::bytea), sha256(id::text::bytea)
FROM copy ORDER BY number
"""  # noqa: S608 - names of our own columns


def on_database(url: str, action: Callable[[Any], Awaitable[T]]) -> T:
    """The result of an action on a connection of its own."""

    async def run() -> T:
        connection = await asyncpg.connect(url)
        try:
            return await action(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def record_real_ones(running: Service, folder: Path) -> None:
    """Decide and record REAL applications that are distributed like real ones."""
    file = folder / "applications.csv"
    with file.open("w", newline="") as out:
        rows = [
            {"revol_util": "", **row, "channel": f"channel {number % 3}", "source": f"source {number % 12}"}
            for number, row in enumerate(islice(applications(7), REAL))
        ]
        writer = csv.DictWriter(out, sorted(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    subprocess.run(  # noqa: S603 - a fixed command
        [*SCORING, "score", str(file), "--out", str(folder / "decisions.parquet")],
        env=running.environment,
        check=True,
        capture_output=True,
    )


def copy_to(url: str, size: int, *, originals: int = REAL) -> None:
    """Copy the newest `originals` until there are `size` decisions; vacuum, as PostgreSQL does after a while."""

    async def copy(connection: Any) -> None:
        have = await connection.fetchval("SELECT count(*) FROM decisions")
        copies = round((size - have) / originals)
        now = datetime.now(UTC) - timedelta(minutes=10)
        await connection.execute("SELECT make_decisions_month((now() - interval '1 month')::date, 1000000)")
        await connection.execute(_ORIGINALS.format(originals))
        for number in range(copies):
            chain = await connection.fetchval("SELECT gen_random_uuid()")
            await connection.execute(
                _COPY, now - PERIOD * (1 - number / copies), PERIOD / copies, float(originals), chain, timeout=600
            )
        await connection.execute("VACUUM ANALYZE decisions, audit_entries", timeout=600)
        await connection.execute("CHECKPOINT", timeout=600)

    on_database(url, copy)


SIZES = """
SELECT
    (SELECT count(*) FROM decisions) AS decisions,
    (SELECT sum(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'decisions'::regclass) AS rows,
    (SELECT sum(pg_total_relation_size(inhrelid) - pg_relation_size(inhrelid) - pg_indexes_size(inhrelid))
        FROM pg_inherits WHERE inhparent = 'decisions'::regclass) AS toast,
    (SELECT sum(pg_indexes_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'decisions'::regclass) AS indexes,
    (SELECT count(*) FROM audit_entries) AS entries,
    pg_relation_size('audit_entries') AS entry_rows,
    pg_indexes_size('audit_entries') AS entry_indexes,
    pg_database_size(current_database()) AS database
"""


def sizes(url: str) -> dict[str, int]:
    """Decisions and entries, and the bytes of their tables and indexes."""

    async def read(connection: Any) -> dict[str, int]:
        return {name: int(value or 0) for name, value in (await connection.fetchrow(SIZES)).items()}

    return on_database(url, read)
