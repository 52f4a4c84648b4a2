"""A stacked column chart as positions in percent of the plot area."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.ui.shared.formats import compact_number

_MAX_GRIDLINES, _MAX_LABELS = 4, 6


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a column, in the color of an outcome."""

    outcome: str
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """Segments from bottom to top; `text` is the tooltip.

    `before` is the height for the period before, and `href` the address of what the column shows.
    """

    segments: tuple[Segment, ...]
    text: str
    before: float | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label or line at a position from the left or from the bottom."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """The chart; `description` is its text for screen readers, `axes` the vertical and the horizontal title."""

    columns: tuple[Column, ...]
    gridlines: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    cut_offs: tuple[Mark, ...]
    description: str
    axes: tuple[str, str]


def gridlines_up_to(maximum: int) -> tuple[int, tuple[Mark, ...]]:
    """The top of the axis, and gridlines at multiples of 1, 2 or 5 times a power of ten."""
    step, highest = 1, max(maximum, 1)
    while -(-highest // step) > _MAX_GRIDLINES:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    top = -(-highest // step) * step
    return top, tuple(Mark(100 * count / top, compact_number(count)) for count in range(0, top + 1, step))


def axis_labels(texts: Sequence[str]) -> tuple[Mark, ...]:
    """At most six labels, centered below their columns."""
    count = len(texts)
    every = -(-count // _MAX_LABELS)
    return tuple(Mark(round(100 * (index + 0.5) / count, 2), texts[index]) for index in range(0, count, every))
