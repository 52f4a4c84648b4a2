"""Reads files of a product's loans (CSV and Parquet) and reports every error by row and field."""

from adapters.loan_files.chunk import LoanFileChunk, Progress, RefusedField, SkippedLine
from adapters.loan_files.columns import REQUIRED_WHEN_TRAINING
from adapters.loan_files.reader import read_loans
from adapters.loan_files.results.errors_file import ErrorsFile
from adapters.loan_files.unreadable import LoanFileUnreadable

__all__ = [
    "REQUIRED_WHEN_TRAINING",
    "ErrorsFile",
    "LoanFileChunk",
    "LoanFileUnreadable",
    "Progress",
    "RefusedField",
    "SkippedLine",
    "read_loans",
]
