"""A table of figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, column headings and rows of text; the first cell of each row is its heading."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
