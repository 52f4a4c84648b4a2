"""Figures without their wavering end: algebra on several threads differs in the last digits between runs."""

_DIGITS = 12


def steady(figure: float) -> float:
    """The figure to twelve significant digits, so that the same data and seed give the same bytes."""
    return float(f"{figure:.{_DIGITS}g}")
