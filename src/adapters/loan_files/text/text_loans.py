"""Raw loans from text files, block by block."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from adapters.loan_files.limits import MAX_SKIPPED_LINES
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.text.layout import TextLayout
from adapters.loan_files.text.line_source import line_source
from adapters.loan_files.text.non_loan_rows import find_non_loan_rows
from adapters.loan_files.text.records import Records, to_records
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.products.product_definition import ProductDefinition


def text_loans(
    path: Path, layout: TextLayout, positions: dict[str, int], chunk_rows: int, product: ProductDefinition
) -> Iterator[RawLoans]:
    """The loans of a text file in chunks of at most about `chunk_rows`."""
    skipped, reported_latin_1 = list(layout.before_the_header), False
    skips_allowed = MAX_SKIPPED_LINES
    with line_source(path, layout) as source:
        while block := source.read_block(chunk_rows):
            records = to_records(block, layout)
            source.give_back(records.unused)
            notices = []
            if block.latin_1 and not reported_latin_1:
                reported_latin_1 = True
                notices.append(f"not UTF-8 from about line {block.first_line} on; read as Latin-1")
            table = _table(records, layout, positions)
            non_loans = find_non_loan_rows(table, records, layout, product, positions[product.amount])
            if non_loans:
                table = table.filter(~pl.Series(np.isin(np.arange(table.height), list(non_loans))))
            skipped += [*records.skipped, *non_loans.values()]
            skips_allowed += table.height - len(skipped)
            if skips_allowed < 0:
                raise LoanFileUnreadable(
                    path,
                    f"has over {MAX_SKIPPED_LINES:,} lines without a loan up to line {block.first_line};"
                    " remove them.",
                )
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
