"""Figures of a period next to those of the period before."""

from entrypoints.ui.shared.formats import NARROW_SPACE, number, percent, signed


def count_before(now: float, before: float, text: str) -> str:
    """Before: 1,100 (+12.4 %), where `text` is the former figure; without a change where it was 0."""
    change = f" ({signed(100 * (now - before) / before)}{NARROW_SPACE}%)" if before else ""
    return f"Before: {text}{change}"


def share_before(now: float, before: float) -> str:
    """Before: 16.1 % (+0.3 points)."""
    return f"Before: {percent(before)} ({signed(100 * (now - before))} points)"


def count_text(count: int, before: int | None) -> str:
    """1,234, or 1,234, before 1,100 in the tooltip of a chart."""
    return number(count, 0) if before is None else f"{number(count, 0)}, before {number(before, 0)}"
