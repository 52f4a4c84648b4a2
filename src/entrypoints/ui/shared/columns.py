"""Drawings of columns side by side: heights, ticks and labels as percent of the room."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.ui.shared.formats import number

_MOST_LINES, _MOST_LABELS = 4, 6


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a column, in the look of an outcome."""

    outcome: str
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """Pieces from the ground up; `text` says what the column stands for."""

    parts: tuple[Part, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label beside the drawing, or a line through it, so far from the left or from the ground."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The drawing; `description` says in words what it shows."""

    columns: tuple[Column, ...]
    lines: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    cut_offs: tuple[Mark, ...]
    description: str


def lines_up_to(most: int) -> tuple[int, tuple[Mark, ...]]:
    """How high the drawing reaches that holds so many, and its lines, at 1, 2 or 5 times a power of ten."""
    step, room = 1, max(most, 1)
    while -(-room // step) > _MOST_LINES:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    top = -(-room // step) * step
    return top, tuple(Mark(100 * count / top, number(count, 0)) for count in range(0, top + 1, step))


def labels_below(texts: Sequence[str]) -> tuple[Mark, ...]:
    """Labels in the middle below their columns, as many as there is room for."""
    count = len(texts)
    every = -(-count // _MOST_LABELS)
    return tuple(Mark(round(100 * (index + 0.5) / count, 2), texts[index]) for index in range(0, count, every))
