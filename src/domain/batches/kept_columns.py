"""Columns of a file that its results repeat."""

from collections.abc import Sequence

MOST_KEPT, LONGEST_NAME, LONGEST_KEPT = 20, 100, 1_000
ALLOWED = f"at most {MOST_KEPT} different names of columns, separated by commas, each of {LONGEST_NAME} characters"
_MOST_SHOWN = 50
KEPT = "keep:"
"""Begins the names of kept columns in a chunk of loans; no field's name has a colon."""


class InvalidKeptColumns(ValueError):
    """The names of columns to be kept are not acceptable; the message says why."""


def kept_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The names of columns to be kept, without surrounding spaces. Raises InvalidKeptColumns."""
    stripped = tuple(name.strip() for name in names)
    if any(not name or len(name) > LONGEST_NAME or not name.isprintable() for name in stripped):
        raise InvalidKeptColumns(f"a name is 1 to {LONGEST_NAME} printable characters")
    if len({name.casefold() for name in stripped}) < len(stripped):
        raise InvalidKeptColumns("a column is named more than once")
    if len(stripped) > MOST_KEPT:
        raise InvalidKeptColumns(f"{len(stripped)} columns are named; {MOST_KEPT} are the most")
    return stripped


def columns_in(text: str | None) -> tuple[str, ...]:
    """The columns to be kept in a text of names separated by commas. Raises InvalidKeptColumns."""
    return kept_columns(text.split(",")) if text and text.strip() else ()


def shown_columns(names: Sequence[str]) -> str:
    """The names of a file's columns for a message: short, and without what cannot be printed."""
    shown = ["".join([char for char in name.strip()[:40] if char.isprintable()]) or "(no name)" for name in names]
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(shown[:_MOST_SHOWN]) + more
