"""Tables of figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a drawing as rows of text, the first of each row its name."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
