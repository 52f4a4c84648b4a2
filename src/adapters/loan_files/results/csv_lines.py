"""Results and errors as lines of CSV, to be put one behind the other."""

from io import BytesIO

import polars as pl

from adapters.loan_files.results.errors_file import harmless
from application.ports.batches.portfolio_files import PortfolioLines


class CsvLines(PortfolioLines):
    """CSV; numbers in the shortest form that gives the same bits when read."""

    def results(self, results: pl.DataFrame, *, header: bool) -> bytes:
        """A line a row."""
        return _lines(results, header=header)

    def errors(self, refused: pl.DataFrame, *, header: bool) -> bytes:
        """A line a fault; a value that a spreadsheet would run as a formula gets a leading apostrophe."""
        return _lines(harmless(refused), header=header)


def _lines(frame: pl.DataFrame, *, header: bool) -> bytes:
    text = BytesIO()
    frame.write_csv(text, include_header=header)
    return text.getvalue()
