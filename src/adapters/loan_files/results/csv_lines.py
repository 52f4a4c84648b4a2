"""Results and errors as lines of CSV that can be concatenated."""

from io import BytesIO

import polars as pl

from adapters.loan_files.results.errors_file import neutralize_formulas, neutralize_results
from application.ports.batches.portfolio_files import PortfolioLines


class CsvLines(PortfolioLines):
    """CSV; numbers in the shortest form that reads back to the same bits.

    A text of the caller that a spreadsheet would run as a formula gets a leading apostrophe.
    """

    def results(self, results: pl.DataFrame, *, header: bool) -> bytes:
        return _lines(neutralize_results(results), header=header)

    def errors(self, refused: pl.DataFrame, *, header: bool) -> bytes:
        return _lines(neutralize_formulas(refused), header=header)


def _lines(frame: pl.DataFrame, *, header: bool) -> bytes:
    text = BytesIO()
    frame.write_csv(text, include_header=header)
    return text.getvalue()
