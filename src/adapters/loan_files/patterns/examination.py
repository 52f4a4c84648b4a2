"""Examines the columns of a file before its loans are decided."""

from collections.abc import Iterator
from pathlib import Path

from adapters.loan_files.columns import ColumnRequirements, household_columns
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.patterns.column_counts import ColumnCounts
from adapters.loan_files.patterns.suspicions import faults, remarks
from adapters.loan_files.raw_source import raw_loans
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.batches.file_conventions import FileConventions
from domain.products.fields import NumberField
from domain.products.product_definition import ProductDefinition

_BLOCK_ROWS = 65_536


class Examination:
    """Reads the numbers of a whole file; `remarks` are complete after the last block."""

    def __init__(
        self,
        path: Path,
        product: ProductDefinition,
        conventions: FileConventions,
        limits: ReadingLimits | None = None,
    ) -> None:
        self._path = path
        self._requirements = ColumnRequirements(product, conventions=conventions)
        self._limits = limits
        self.remarks: tuple[str, ...] = ()

    def blocks(self) -> Iterator[None]:
        """Examine block by block. Raises LoanFileUnreadable where the file is not as defined and stated."""
        product, conventions = self._requirements.product, self._requirements.conventions
        unknown = list(conventions.unknown_fields(product.fields))
        if unknown:
            raise LoanFileUnreadable(self._path, f"cannot be read as stated: {'; '.join(unknown)}.")
        numbers = [f for f in product.fields if isinstance(f, NumberField) and (not f.whole or f.is_money)]
        joint = {column: product.field_by_name[name] for column, name in household_columns(product).items()}
        fields = {field.name: field for field in numbers} | {n: f for n, f in joint.items() if f in numbers}
        counts = [
            ColumnCounts(name, field, conventions)
            for name, field in fields.items()
            if isinstance(field, NumberField)
        ]
        only, rows, size = {*fields, product.amount}, 0, self._path.stat().st_size
        for raw in raw_loans(self._path, self._requirements, _BLOCK_ROWS, self._limits, only=only):
            rows += raw.table.height
            if self._limits is not None:
                self._limits.check_rows(self._path, rows, size)
            for column in counts:
                if column.name in raw.table.columns:
                    column.add(raw.table[column.name], raw.table["line"])
            del raw
            yield
        uploaded = self._limits is not None
        found = list(faults(counts, conventions, _parameter if uploaded else _command_line_option))
        if found:
            raise LoanFileUnreadable(self._path, f"is not decided: {' '.join(found)}")
        self.remarks = tuple(remarks(counts))


def _command_line_option(name: str, value: str) -> str:
    return f"--{name} {value}"


def _parameter(name: str, value: str) -> str:
    """As in the API, whose names the upload page shows too."""
    return f"{name.replace('-', '_')}={value}"
