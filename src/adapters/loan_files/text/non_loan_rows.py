"""Finds lines that have as many cells as a loan but are not one: footers spread over cells, repeated headers."""

import polars as pl

from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.text.layout import TextLayout, split_cells
from adapters.loan_files.text.records import Records
from domain.products.product_definition import ProductDefinition


def find_non_loan_rows(
    table: pl.DataFrame, records: Records, layout: TextLayout, product: ProductDefinition, amount_at: int
) -> dict[int, SkippedLine]:
    """Rows of the table, by position, that repeat the header or have at most one non-empty cell and no field."""
    suspects = _suspects(table, product, layout.columns[amount_at])
    lines = records.text.split(b"\n") if suspects else []
    found = {}
    for row in suspects:
        cells = split_cells(lines[row].decode(), layout.separator) or []
        texts = [cell.strip() for cell in cells if cell.strip()]
        if len(texts) <= 1 or tuple(cells) == layout.columns:
            found[row] = SkippedLine(int(records.lines[row]), layout.separator.join(texts)[:200])
    return found


def _suspects(table: pl.DataFrame, product: ProductDefinition, amounts_header: str) -> list[int]:
    """Rows without any field. Amounts are checked first, since a row with an amount is a loan."""
    amount, whole = pl.col(product.amount), pl.col("broken_reason").is_null()
    without_amount = table.select(
        (whole & (_blank(product.amount) | (amount == amounts_header))).arg_true()
    ).to_series()
    if without_amount.is_empty():
        return []
    read = [field.name for field in product.fields if field.name in table.columns]
    no_field = pl.all_horizontal(map(_blank, read)) | (amount == amounts_header)
    return without_amount.filter(
        table[without_amount].select(no_field.fill_null(value=False)).to_series()
    ).to_list()


def _blank(name: str) -> pl.Expr:
    return pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "")
