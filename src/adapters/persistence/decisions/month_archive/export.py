"""Writes a month of decisions with its proofs from the database into files."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.decisions.month_archive.parquet_files import (
    DECISION_COLUMNS,
    ENTRY_COLUMNS,
    ROWS_PER_FILE,
    write_checkpoints,
    write_entries,
)
from adapters.persistence.decisions.month_archive.partition_changes import require_partition
from application.ports.decisions.month_archives import ChainRange, MonthContents, MonthNotArchivable
from application.ports.operations.database_dumps import Progress
from domain.audit.subject import DECISION_RECORDED
from domain.month import Month

_CHAINS = """
SELECT chain, min(sequence) AS first, max(sequence) AS newest, count(*) AS decisions
FROM {partition} JOIN audit_entries ON subject = decision_id AND action = :action GROUP BY chain ORDER BY chain
"""
_COVERED = "SELECT min(length) FROM checkpoint_heads WHERE chain = :chain AND length >= :newest"
_NUMBERS = """
SELECT min(number), max(number) FROM checkpoint_heads
WHERE chain = :chain AND length BETWEEN :first AND :last
"""
_ENTRIES = """
SELECT {entry_columns}, {decision_columns}
FROM audit_entries LEFT JOIN {partition} ON decision_id = subject AND action = :action
WHERE chain = :chain AND sequence BETWEEN :first AND :last ORDER BY sequence
"""
_CHECKPOINTS = """
SELECT number, at, previous, public_key, signature FROM checkpoints
WHERE number BETWEEN :lowest AND :highest ORDER BY number
"""
_HEADS = """
SELECT number, chain::text, length, digest FROM checkpoint_heads
WHERE number BETWEEN :lowest AND :highest ORDER BY number, chain
"""
_UUIDS = {"chain", "subject", "decision_id"}


async def export_month(
    connection: AsyncConnection, month: Month, folder: Path, progress: Progress
) -> MonthContents:
    """Write the files, and return what they contain. Raises MonthNotArchivable."""
    partition = await require_partition(connection, month)
    total = (await connection.execute(text(f"SELECT count(*) FROM {partition}"))).scalar_one()  # noqa: S608 - our own name
    chains = await _chains(connection, month, partition, total)
    await _write_entries(connection, partition, chains, folder, progress)
    checkpoints = await _write_checkpoints(connection, chains, folder)
    return MonthContents(total, checkpoints, tuple(chains))


async def _chains(connection: AsyncConnection, month: Month, partition: str, total: int) -> list[ChainRange]:
    """The entries of the month's decisions, extended to the next entry of each chain that a checkpoint states."""
    query = text(_CHAINS.format(partition=partition))
    rows = (await connection.execute(query, {"action": DECISION_RECORDED})).all()
    proven = sum(row.decisions for row in rows)
    if not total:
        raise MonthNotArchivable(f"{month} has no decisions: there is nothing to archive")
    if proven != total:
        raise MonthNotArchivable(
            f"{month} has {total:,} decisions and {proven:,} audit entries for them: run `scoring audit verify`"
        )
    chains = []
    for row in rows:
        covered = (
            await connection.execute(text(_COVERED), {"chain": row.chain, "newest": row.newest})
        ).scalar_one()
        if covered is None:
            raise MonthNotArchivable(
                f"no checkpoint covers the end of chain {row.chain} yet: run `scoring audit checkpoint`, and try "
                "again"
            )
        chains.append(ChainRange(row.chain, row.first, covered))
    return chains


async def _write_entries(
    connection: AsyncConnection, partition: str, chains: list[ChainRange], folder: Path, progress: Progress
) -> None:
    query = text(
        _ENTRIES.format(
            partition=partition,
            entry_columns=_selected(ENTRY_COLUMNS),
            decision_columns=_selected(DECISION_COLUMNS),
        )
    )
    total, done, files = sum(chain.last - chain.first + 1 for chain in chains), 0, 0
    rows: list[Any] = []
    for chain in chains:
        of_chain = {
            "chain": chain.chain,
            "first": chain.first,
            "last": chain.last,
            "action": DECISION_RECORDED,
        }
        stream = await connection.stream(query, of_chain, execution_options={"yield_per": 1000})
        async for part in stream.partitions():
            rows += [tuple(row) for row in part]
            done += len(part)
            progress(done / total, f"{done:,} audit entries")
            if len(rows) >= ROWS_PER_FILE:
                files += 1
                write_entries(folder, files, rows)
                rows = []
    if rows:
        write_entries(folder, files + 1, rows)


async def _write_checkpoints(connection: AsyncConnection, chains: list[ChainRange], folder: Path) -> int:
    """Write all checkpoints from the first to the last that states one of the entries, so that they are linked."""
    numbers: list[int] = []
    for chain in chains:
        of_chain = {"chain": chain.chain, "first": chain.first, "last": chain.last}
        numbers += (await connection.execute(text(_NUMBERS), of_chain)).one()
    between = {"lowest": min(numbers), "highest": max(numbers)}
    checkpoints = (await connection.execute(text(_CHECKPOINTS), between)).all()
    heads = (await connection.execute(text(_HEADS), between)).all()
    write_checkpoints(folder, [tuple(row) for row in checkpoints], [tuple(row) for row in heads])
    return len(checkpoints)


def _selected(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{name}::text" if name in _UUIDS else name for name in columns)
