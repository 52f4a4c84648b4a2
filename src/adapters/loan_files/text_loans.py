"""Raw loans out of text files, run by run."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.layout import TextLayout, split_cells
from adapters.loan_files.line_source import line_source
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.records import Records, to_records
from domain.lending.fields import FIELD_NAMES


def text_loans(path: Path, layout: TextLayout, positions: dict[str, int], chunk_rows: int) -> Iterator[RawLoans]:
    """The loans of a text file in stretches of at most about `chunk_rows`."""
    skipped, told_of_latin_1 = list(layout.before_the_header), False
    with line_source(path, layout) as source:
        while run := source.pull(chunk_rows):
            records = to_records(run, layout)
            source.give_back(records.unused)
            notices = []
            if run.latin_1 and not told_of_latin_1:
                told_of_latin_1 = True
                notices.append(f"not UTF-8 from about line {run.first_line} on: read as Latin-1")
            table = _table(records, layout, positions)
            empty = _without_any_field(table)
            skipped += records.skipped
            if len(empty):
                no_loans = _no_loans(records, layout, empty)
                skipped += no_loans.values()
                table = table.filter(~pl.Series(np.isin(np.arange(table.height), list(no_loans))))
            yield RawLoans(table, sorted(skipped, key=lambda s: s.line), notices, source.bytes_done)
            skipped = []


def _table(records: Records, layout: TextLayout, positions: dict[str, int]) -> pl.DataFrame:
    names = {f"column_{at + 1}": name for name, at in positions.items()}
    schema = {f"column_{at + 1}": pl.String for at in range(len(layout.columns))}
    if records.text:
        cells = pl.read_csv(
            records.text,
            has_header=False,
            separator=layout.separator,
            schema=schema,
            columns=sorted(positions.values()),
        ).rename(names)
    else:
        cells = pl.DataFrame(schema=dict.fromkeys(positions, pl.String))
    table = cells.with_columns(
        pl.Series("line", records.lines, pl.Int64),
        pl.lit(None, pl.String).alias("broken_text"),
        pl.lit(None, pl.String).alias("broken_reason"),
    )
    if not records.broken:
        return table
    texts, reasons = zip(*(records.broken.get(at, (None, None)) for at in range(cells.height)), strict=True)
    return table.with_columns(
        pl.Series("broken_text", texts, pl.String), pl.Series("broken_reason", reasons, pl.String)
    )


def _without_any_field(table: pl.DataFrame) -> list[int]:
    """Rows that have none of the 13 fields, so that they may be footers spread over cells."""
    blank = pl.all_horizontal(pl.col(n).is_null() | (pl.col(n).str.strip_chars() == "") for n in FIELD_NAMES)
    return table.select((pl.col("broken_reason").is_null() & blank).arg_true()).to_series().to_list()


def _no_loans(records: Records, layout: TextLayout, rows: list[int]) -> dict[int, SkippedLine]:
    """Of these rows, those with at most one cell of text: blank lines, separators and footers."""
    lines = records.text.split(b"\n")
    found = {}
    for row in rows:
        cells = [cell.strip() for cell in split_cells(lines[row].decode(), layout.separator) or [] if cell.strip()]
        if len(cells) <= 1:
            found[row] = SkippedLine(int(records.lines[row]), "".join(cells))
    return found
