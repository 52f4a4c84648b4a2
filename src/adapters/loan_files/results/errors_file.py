"""The errors file: one line per error, so that rows can be corrected and submitted again."""

from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from adapters.loan_files.chunk import REFUSED_SCHEMA
from adapters.loan_files.results.private_file import create_private_file
from domain.applications.application_identity import TEXTS

# A spreadsheet runs a cell that begins like this as a formula, unless the whole cell is a number. Some also accept
# full-width signs, and some split a line at semicolons or tabs.
_FORMULA = "^[=@\t\r+＝＠＋－-]"
_FORMULA_AFTER_SEPARATOR = "([;\t|][ ]*)([=@+＝＠＋－-])"
FIRST_OF_CALLER = next(iter(TEXTS))
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


def neutralize_formulas(frame: pl.DataFrame, columns: Collection[str] = ("value",)) -> pl.DataFrame:
    """The frame, changed so that a spreadsheet does not run any value in the columns as a formula."""
    return frame.with_columns(_neutralized(pl.col(name)).alias(name) for name in columns)


def neutralize_results(results: pl.DataFrame) -> pl.DataFrame:
    """The results, with the texts of the caller neutralized: these are the last columns, from references on.

    The names of kept columns are the caller's too.
    """
    first = results.columns.index(FIRST_OF_CALLER) if FIRST_OF_CALLER in results.columns else results.width
    names = pl.DataFrame({"value": results.columns[first:]}, {"value": pl.String})
    results = results.rename(
        dict(zip(results.columns[first:], neutralize_formulas(names)["value"].to_list(), strict=True))
    )
    given = [name for name in results.columns[first:] if results[name].null_count() < results.height]
    return neutralize_formulas(results, given) if given else results


def _neutralized(value: pl.Expr) -> pl.Expr:
    run = value.str.contains(_FORMULA) & ~value.str.contains(_NUMBER)
    quoted = pl.when(run).then("'" + value).otherwise(value)
    return quoted.str.replace_all(_FORMULA_AFTER_SEPARATOR, "${1}'${2}")
