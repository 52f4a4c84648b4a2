"""Columns that programs add to a file: an empty one after trailing separators, and one that numbers the rows."""

from collections.abc import Sequence

from adapters.loan_files.columns import normal_name

TRAILING = "its lines end with separators; the empty columns after the last name are ignored"
ROW_NUMBERS = "its first column has no name and numbers the rows; it is ignored"
_MOST_LINES = 50
_COUNTERS = frozenset({"index", "#", "row", "row_number", "rownum"})


def with_extra_columns(names: Sequence[str], rows: Sequence[Sequence[str] | None]) -> tuple[tuple[str, ...], str]:
    """The names with those of columns that the header does not name but the first rows have, and a remark.

    Unchanged if the rows differ, or if what they have more is neither empty nor a row's number.
    """
    columns, sample = tuple(names), [row for row in rows[:_MOST_LINES] if row and _is_loan(row)]
    lengths = {len(row) for row in sample}
    more = lengths.pop() - len(columns) if len(lengths) == 1 else 0
    if more > 0 and not any(cell.strip() for row in sample for cell in row[-more:]):
        return (*columns, *[""] * more), TRAILING
    if more < 0 and not any(name.strip() for name in columns[more:]):
        return columns[:more], TRAILING
    if more == 1 and _counts([row[0] for row in sample]):
        return ("", *columns), ROW_NUMBERS
    return columns, ""


def unnamed(names: Sequence[str]) -> str:
    """A remark on columns without a name of their own; empty where there are none."""
    shown = [name.strip() or "(no name)" for name in names if _has_no_name(name)]
    return f"ignored, because they have no name of a field: {', '.join(dict.fromkeys(shown))}" if shown else ""


def _is_loan(row: Sequence[str]) -> bool:
    """Whether several cells have content; footers and blank lines do not."""
    return sum(bool(cell.strip()) for cell in row) > 1


def _has_no_name(name: str) -> bool:
    normal = normal_name(name)
    return not normal or normal.startswith("unnamed:") or normal in _COUNTERS


def _counts(cells: Sequence[str]) -> bool:
    """Whether the cells, two or more, count from 0 or 1."""
    numbers = [cell.strip() for cell in cells]
    return len(numbers) > 1 and any(
        numbers == [str(number) for number in range(first, first + len(numbers))] for first in (0, 1)
    )
