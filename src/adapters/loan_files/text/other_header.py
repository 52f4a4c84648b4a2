"""Finds a header in the middle of a file, where a second file was appended: what follows is read by it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from adapters.loan_files.columns import field_names, normal_name
from adapters.loan_files.text.layout import SEPARATORS, TextLayout, decode_line, fitted, split_cells
from adapters.loan_files.text.line_source import LineBlock
from adapters.loan_files.text.records import Records
from domain.products.product_definition import ProductDefinition

_LEAST_NAMES = 3
_LEAST_NUMBERS = 3
_NUMBER = re.compile(r"[\s$'+-]*\d[\d.,' ]*%?\s*")
_FITTED_LINES = 50


@dataclass(frozen=True, slots=True)
class OtherHeader:
    """A line that names columns otherwise than the header before it, and the lines before and after it."""

    layout: TextLayout
    line: int
    text: str
    before: LineBlock
    after: bytes

    @property
    def follows_a_loan(self) -> bool:
        """Whether the line begins with the values of a loan, because a line break is missing before the names."""
        return sum(_NUMBER.fullmatch(name) is not None for name in self.layout.columns) >= _LEAST_NUMBERS


def find_other_header(
    block: LineBlock, records: Records, table: pl.DataFrame, layout: TextLayout, product: ProductDefinition
) -> OtherHeader | None:
    """The first line that names half of the product's fields or more, unless it repeats the header in force."""
    known = field_names(product)
    suspects = {*records.lines[_names_instead_of_values(table, product.amount, known)].tolist()}
    suspects |= {*records.lines[[*records.broken]].tolist()} if records.broken else set()
    if not suspects:
        return None
    lines = block.text.split(b"\n")
    for line in sorted(suspects):
        if not _may_be_header(lines[line - block.first_line], known):
            continue
        text = decode_line(lines[line - block.first_line])
        separator, cells = _split(text, known)
        if cells and tuple(cells) != layout.columns and _is_header(cells, known):
            at = sum(len(each) + 1 for each in lines[: line - block.first_line])
            after = block.text[at + len(lines[line - block.first_line]) + 1 :]
            changed = replace(layout, columns=tuple(cells), separator=separator, header_line=line, notices=())
            following = [decode_line(each) for each in lines[line - block.first_line + 1 :][:_FITTED_LINES]]
            before = replace(block, text=block.text[:at], last=True)
            return OtherHeader(fitted(changed, following), line, text, before, after)
    return None


def _names_instead_of_values(table: pl.DataFrame, amount: str, known: Mapping[str, str]) -> pl.Series:
    """The rows of a table of raw cells in which at least two cells are names of columns."""
    # names begin with a letter, amounts do not
    rows = table.select(
        (pl.col(amount).str.strip_chars_start() >= "A").fill_null(value=False).arg_true()
    ).to_series()
    if rows.is_empty():
        return rows
    names, fields = list(known), {*known.values()}
    cells = [name for name in table.columns if name in fields]
    count = pl.sum_horizontal(pl.col(cell).str.strip_chars().str.to_lowercase().is_in(names) for cell in cells)
    return rows.filter(table[rows].select(count.fill_null(0) >= min(2, len(cells))).to_series())


def _may_be_header(line: bytes, known: Mapping[str, str]) -> bool:
    """A quick check: whether the line contains some names anywhere."""
    lower = line.lower()
    return sum(name.encode() in lower for name in known) >= _LEAST_NAMES


def _split(text: str, known: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """The cells of the line by the separator that yields the most known names."""
    split = {separator: split_cells(text, separator) or [] for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: _known_names(split[separator], known))
    return best, split[best]


def _is_header(cells: Sequence[str], known: Mapping[str, str]) -> bool:
    return _known_names(cells, known) >= max(_LEAST_NAMES, len({*known.values()}) // 2)


def _known_names(cells: Sequence[str], known: Mapping[str, str]) -> int:
    return len({known[name] for name in map(normal_name, cells) if name in known})
