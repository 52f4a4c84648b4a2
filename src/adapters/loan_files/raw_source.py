"""Opens a file of either kind and yields its loans before any value is parsed."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from adapters.loan_files.caller_columns import match_caller_columns
from adapters.loan_files.columns import ColumnRequirements, field_names, match_columns
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.parquet_loans import parquet_loans, parquet_positions
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.text.layout import ParquetLayout, find_layout
from adapters.loan_files.text.text_loans import text_loans

_Place = TypeVar("_Place", int, str)


def raw_loans(
    path: Path,
    requirements: ColumnRequirements,
    chunk_rows: int,
    limits: ReadingLimits | None,
    *,
    only: Collection[str] | None = None,
) -> Iterator[RawLoans]:
    """The loans in chunks of about `chunk_rows`; of the columns, `only` these are read, the amount among them.

    Raises LoanFileUnreadable: immediately if the whole file is invalid, later if it is damaged further on.
    """
    layout = find_layout(path, field_names(requirements.product))
    if isinstance(layout, ParquetLayout):
        names = _chosen(parquet_positions(path, requirements), only)
        fields = [field.name for field in requirements.product.fields]
        return parquet_loans(path, names, chunk_rows, limits, fields)
    if limits is not None and layout.compressed:
        limits.check_uncompressed_size(path)

    def positions_in(columns: Sequence[str]) -> dict[str, int]:
        callers = match_caller_columns(path, columns, requirements)
        return _chosen(match_columns(path, columns, requirements) | callers, only)

    return text_loans(path, layout, positions_in, chunk_rows, requirements.product)


def has_column(path: Path, name: str, requirements: ColumnRequirements) -> bool:
    """Whether the file has a column beside those of the product. Raises LoanFileUnreadable."""
    layout = find_layout(path, field_names(requirements.product))
    if isinstance(layout, ParquetLayout):
        return name in parquet_positions(path, requirements)
    return name in match_caller_columns(path, layout.columns, requirements)


def _chosen(places: dict[str, _Place], only: Collection[str] | None) -> dict[str, _Place]:
    return places if only is None else {name: place for name, place in places.items() if name in only}
