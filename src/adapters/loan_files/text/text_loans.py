"""Raw loans from text files, block by block."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.limits import MAX_SKIPPED_LINES
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.text.layout import TextLayout
from adapters.loan_files.text.line_source import line_source
from adapters.loan_files.text.non_loan_rows import find_non_loan_rows
from adapters.loan_files.text.other_header import OtherHeader, find_other_header
from adapters.loan_files.text.records import MAX_SHOWN, Records, to_records
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.products.product_definition import ProductDefinition

_MAX_HEADERS = 1_000
Positions = Callable[[Sequence[str]], dict[str, int]]
"""Returns the position of each column that is read, by the name of its field; raises LoanFileUnreadable."""


def text_loans(
    path: Path, layout: TextLayout, positions_in: Positions, chunk_rows: int, product: ProductDefinition
) -> Iterator[RawLoans]:
    """The loans of a text file in chunks of at most about `chunk_rows`.

    Where a line names the columns anew, what follows is read by it.
    """
    skipped, notices = list(layout.before_the_header), list(layout.notices)
    reported_latin_1, headers = False, 0
    skips_allowed, positions = MAX_SKIPPED_LINES, positions_in(layout.columns)
    with line_source(path, layout) as source:
        while block := source.read_block(chunk_rows):
            records = to_records(block, layout)
            table = cell_table(records, layout, positions)
            header = find_other_header(block, records, table, layout, product)
            if header:
                records = to_records(header.before, layout)
                table = cell_table(records, layout, positions)
            source.give_back(header.after if header else records.unused)
            if block.latin_1 and not reported_latin_1:
                reported_latin_1 = True
                notices.append(f"not UTF-8 from about line {block.first_line} on; read as Windows-1252 (Latin-1)")
            non_loans = find_non_loan_rows(table, records, layout, product, positions[product.amount])
            if non_loans:
                table = table.filter(~pl.Series(np.isin(np.arange(table.height), list(non_loans))))
            skipped += [*records.skipped, *non_loans.values()]
            if header:
                headers += 1
                layout, positions = header.layout, _positions_after(path, header, headers, positions_in)
                skipped.append(SkippedLine(header.line, header.text[:MAX_SHOWN]))
                notices += [f"read by another header from line {header.line} on", *layout.notices]
            skips_allowed += table.height - len(skipped)
            if skips_allowed < 0:
                raise LoanFileUnreadable(
                    path,
                    f"has over {MAX_SKIPPED_LINES:,} lines without a loan up to line {block.first_line};"
                    " remove them.",
                )
            del block, records, header  # while the chunk is processed, its text takes no memory
            yield RawLoans(table, sorted(skipped, key=lambda s: s.line), notices, source.bytes_done)
            del table
            skipped, notices = [], []


def _positions_after(path: Path, header: OtherHeader, headers: int, positions_in: Positions) -> dict[str, int]:
    if headers > _MAX_HEADERS:
        raise LoanFileUnreadable(
            path, f"names its columns more than {_MAX_HEADERS:,} times; remove all headers but the first."
        )
    if header.follows_a_loan:  # values of an applicant, which are not quoted
        raise LoanFileUnreadable(
            path, f"has a loan and a header in line {header.line}, without a line break between them; insert one."
        )
    try:
        return positions_in(header.layout.columns)
    except LoanFileUnreadable as fault:
        raise LoanFileUnreadable(
            path, f"has a second header in line {header.line}, and the part below it {fault.what}"
        ) from fault


def cell_table(records: Records, layout: TextLayout, positions: dict[str, int]) -> pl.DataFrame:
    """The cells of records at these positions, by name, with `line`, `broken_text` and `broken_reason`."""
    schema = {f"column_{at + 1}": pl.String for at in range(len(layout.columns))}
    if records.text:
        cells = pl.read_csv(
            records.text,
            has_header=False,
            separator=layout.separator,
            schema=schema,
            columns=sorted({*positions.values()}),
        ).select(pl.col(f"column_{at + 1}").alias(name) for name, at in positions.items())
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
