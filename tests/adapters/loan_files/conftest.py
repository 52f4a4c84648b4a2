"""Small loan files with invented values, in the formats that lenders and LendingClub write."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from adapters.loan_files import LoanFileChunk, RefusedField, SkippedLine, read_loans
from domain.products.personal_loan import PERSONAL_LOAN

LOAN = {
    "annual_inc": "52000.5",
    "emp_length": "5 years",
    "home_ownership": "RENT",
    "loan_amnt": "9000",
    "term": "36 months",
    "purpose": "car",
    "fico_range_low": "700",
    "fico_range_high": "704",
    "dti": "15.25",
    "revol_util": "30.1",
    "inq_last_6mths": "1",
    "delinq_2yrs": "0",
    "pub_rec": "0",
}
# In the text formats of LendingClub's download files.
DOWNLOADED = {
    "id": "17",
    **LOAN,
    "emp_length": "n/a",
    "term": " 36 months",
    "revol_util": "30.1%",
    "int_rate": " 10.65%",
}
NOTICE = "Notes offered by Prospectus (https://www.example.com/prospectus)"


@dataclass(frozen=True)
class ReadFile:
    """The content of all chunks of a file."""

    chunks: list[LoanFileChunk]

    @property
    def rows(self) -> pl.DataFrame:
        return pl.concat([chunk.rows for chunk in self.chunks])

    @property
    def faults(self) -> list[RefusedField]:
        return [fault for chunk in self.chunks for fault in chunk.refused_fields()]

    @property
    def faulty(self) -> list[tuple[int, int, str]]:
        return [(fault.row, fault.line, fault.field) for fault in self.faults]

    @property
    def skipped(self) -> list[SkippedLine]:
        return [line for chunk in self.chunks for line in chunk.skipped]

    @property
    def rows_read(self) -> int:
        return sum(chunk.rows_read for chunk in self.chunks)


@dataclass(frozen=True)
class LoanFiles:
    """Writes files into a test's own folder and reads them back."""

    folder: Path

    def loan(self, **changes: str) -> dict[str, str]:
        return LOAN | changes

    def downloaded(self, **changes: str) -> dict[str, str]:
        return DOWNLOADED | changes

    def put(self, content: str | bytes, name: str = "loans.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def csv(self, *loans: dict[str, str], separator: str = ",", quoted: bool = False) -> str:
        text = io.StringIO()
        quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n")
        writer.writerow(loans[0])
        writer.writerows(loan.values() for loan in loans)
        return text.getvalue()

    def read(self, content: str | bytes | Path, **options: object) -> ReadFile:
        path = content if isinstance(content, Path) else self.put(content)
        return ReadFile(list(read_loans(path, PERSONAL_LOAN, **options)))

    def download(self, *loans: dict[str, str], below: Iterable[str] = ()) -> str:
        return "\n".join([NOTICE, self.csv(*loans, quoted=True).rstrip("\n"), *below]) + "\n"


@pytest.fixture
def files(tmp_path: Path) -> LoanFiles:
    return LoanFiles(tmp_path)
