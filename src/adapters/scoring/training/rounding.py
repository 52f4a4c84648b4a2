"""Rounding of figures: multithreaded algebra differs in the last digits between runs."""

_DIGITS = 12


def round_significant(figure: float) -> float:
    """The figure rounded to twelve significant digits, so that the same data and seed give the same bytes."""
    return float(f"{figure:.{_DIGITS}g}")
