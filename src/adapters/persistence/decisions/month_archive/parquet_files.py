"""The files of an archived month: Parquet, in parts so that memory use does not grow with the month.

Each row of `entries-*.parquet` is one audit entry; where it is for a decision of the month, the row also has the
decision's columns. So an entry and the document that it attests are read together.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from adapters.persistence.database.tables import audit_entries, decisions
from adapters.persistence.decisions.decision_rows import audited_document
from application.ports.decisions.month_archives import ArchiveUnreadable, MonthFiles
from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.entry import AuditEntry, ChainHead

ROWS_PER_FILE = 20_000
"""About 50 MB of decisions in memory."""
CHECKPOINTS, HEADS = "checkpoints.parquet", "checkpoint_heads.parquet"
_TIME, _MONEY = pl.Datetime("us", "UTC"), pl.Decimal(12, 2)
_ENTRY_TYPES: Mapping[str, Any] = {
    "chain": pl.String,
    "sequence": pl.Int64,
    "at": _TIME,
    "actor": pl.String,
    "action": pl.String,
    "subject": pl.String,
    "content_digest": pl.Binary,
    "previous": pl.Binary,
    "digest": pl.Binary,
}
_DECISION_TYPES: Mapping[str, Any] = {
    "decision_id": pl.String,
    "decided_at": _TIME,
    "pd": pl.Float64,
    "score_points": pl.Int32,
    "loan_amnt": _MONEY,
    "term": pl.Int32,
    "recommended_amount": _MONEY,
    "trial": pl.Boolean,
}
"""Columns that are not text."""
ENTRY_COLUMNS = tuple(audit_entries.columns.keys())
DECISION_COLUMNS = tuple(decisions.columns.keys())
_SCHEMA = {
    **{name: _ENTRY_TYPES[name] for name in ENTRY_COLUMNS},
    **{name: _DECISION_TYPES.get(name, pl.String) for name in DECISION_COLUMNS},
}
_CHECKPOINT_SCHEMA: Mapping[str, Any] = {
    "number": pl.Int64,
    "at": _TIME,
    "previous": pl.Binary,
    "public_key": pl.Binary,
    "signature": pl.Binary,
}
_HEAD_SCHEMA: Mapping[str, Any] = {
    "number": pl.Int64,
    "chain": pl.String,
    "length": pl.Int64,
    "digest": pl.Binary,
}
_DAMAGED = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, TypeError)
"""What reading a damaged file raises; PanicException is a BaseException."""


def write_entries(folder: Path, number: int, rows: Sequence[Sequence[Any]]) -> None:
    """Write one part: values of the entry's columns followed by those of the decision, or None."""
    _write(folder / f"entries-{number:05}.parquet", rows, _SCHEMA)


def write_checkpoints(folder: Path, checkpoints: Sequence[Sequence[Any]], heads: Sequence[Sequence[Any]]) -> None:
    """Write checkpoints and their heads, both by number."""
    _write(folder / CHECKPOINTS, checkpoints, _CHECKPOINT_SCHEMA)
    _write(folder / HEADS, heads, _HEAD_SCHEMA)


def read_entries(folder: Path) -> Iterator[tuple[AuditEntry, bytes | None]]:
    """Each entry with the document of its decision, if it is of the month. Raises ArchiveUnreadable."""
    for row in _rows(folder):
        entry = AuditEntry(
            chain=UUID(row["chain"]),
            sequence=row["sequence"],
            at=row["at"].astimezone(UTC),
            actor=row["actor"],
            action=row["action"],
            subject=UUID(row["subject"]),
            content_digest=row["content_digest"],
            previous=row["previous"],
            digest=row["digest"],
        )
        yield entry, None if row["document"] is None else audited_document(row)


def read_decisions(folder: Path) -> Iterator[list[tuple[Any, ...]]]:
    """The decisions, in the order of the table's columns, a file at a time. Raises ArchiveUnreadable."""
    for file in _parts(folder):
        yield [(UUID(row[0]), *row[1:]) for row in _decisions(_read(file)).rows()]


def _decisions(frame: pl.DataFrame) -> pl.DataFrame:
    """The decisions with all columns; those that an earlier release did not have are null."""
    later = [pl.lit(None, _SCHEMA[name]).alias(name) for name in DECISION_COLUMNS if name not in frame.columns]
    return frame.filter(pl.col("document").is_not_null()).with_columns(later).select(DECISION_COLUMNS)


def read_checkpoints(folder: Path) -> Iterator[SignedCheckpoint]:
    """The checkpoints, by number. Raises ArchiveUnreadable."""
    stated = _read(folder / HEADS).sort("number", "chain").iter_rows(named=True)
    heads = {
        number: tuple(ChainHead(UUID(row["chain"]), row["length"], row["digest"]) for row in rows)
        for number, rows in groupby(stated, key=lambda row: row["number"])
    }
    for row in _read(folder / CHECKPOINTS).sort("number").iter_rows(named=True):
        checkpoint = Checkpoint(
            row["number"], row["at"].astimezone(UTC), row["previous"], heads.get(row["number"], ())
        )
        yield SignedCheckpoint(checkpoint, row["public_key"], row["signature"])


class ParquetMonthFiles(MonthFiles):
    """Holds one part in memory at a time."""

    def checkpoints(self, folder: Path) -> Iterator[SignedCheckpoint]:
        return read_checkpoints(folder)

    def entries(self, folder: Path) -> Iterator[tuple[AuditEntry, bytes | None]]:
        return read_entries(folder)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for file in _parts(folder):
        yield from _read(file).iter_rows(named=True)


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("entries-*.parquet"))


def _read(file: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(file, glob=False)
    except _DAMAGED as fault:
        raise ArchiveUnreadable(f"{file.name} cannot be read ({type(fault).__name__})") from fault


def _write(file: Path, rows: Sequence[Sequence[Any]], schema: Mapping[str, Any]) -> None:
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame.write_parquet(file, compression="zstd")
