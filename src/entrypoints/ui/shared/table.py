"""A table of figures."""

from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """A cell that leads to what it counts."""

    text: str
    href: str


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, column headings and rows; the first cell of each row is its heading."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
