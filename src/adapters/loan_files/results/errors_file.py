"""The errors file: one line per error, so that rows can be corrected and submitted again."""

from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from adapters.loan_files.chunk import REFUSED_SCHEMA
from adapters.loan_files.results.private_file import create_private_file

# A spreadsheet runs a cell that begins like this as a formula, unless the whole cell is a number. Some also accept
# full-width signs, and some split a line at semicolons or tabs.
_FORMULA = "^[=@\t\r+＝＠＋－-]"
_FORMULA_AFTER_SEPARATOR = "([;\t|][ ]*)([=@+＝＠＋－-])"
_NUMBER = r"^[+-]?[0-9.,]+(?:[eE][+-]?[0-9]+)?%?$"


class ErrorsFile:
    """A CSV of row, line, field, value and reason, written as errors are found, with a header even if empty.

    A value that a spreadsheet would run as a formula gets a leading apostrophe.
    """

    def __init__(self, path: Path) -> None:
        self._file = create_private_file(path)
        REFUSED_SCHEMA.to_frame().write_csv(self._file)

    def add(self, refused: pl.DataFrame) -> None:
        """Append a chunk's refused fields."""
        neutralize_formulas(refused).write_csv(self._file, include_header=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()


def neutralize_formulas(refused: pl.DataFrame) -> pl.DataFrame:
    """The refused fields, changed so that a spreadsheet does not run any value as a formula."""
    value = pl.col("value")
    run = value.str.contains(_FORMULA) & ~value.str.contains(_NUMBER)
    quoted = pl.when(run).then("'" + value).otherwise(value)
    quoted = quoted.str.replace_all(_FORMULA_AFTER_SEPARATOR, "${1}'${2}")
    return refused.with_columns(quoted.alias("value"))
