"""The scorecard: the PD in points. 600 points correspond to odds of 50:1, and 20 points double the odds."""

from domain.arithmetic import Quantity

POINTS_AT_EVEN_ODDS = 487.1228762045055
"""600 - 20 / ln 2 * ln 50."""
POINTS_PER_UNIT_OF_LOG_ODDS = 28.85390081777927
"""20 / ln 2."""


def points(log_odds: Quantity) -> Quantity:
    """Unrounded points for the log-odds of default. Fewer points mean more risk."""
    return POINTS_AT_EVEN_ODDS - POINTS_PER_UNIT_OF_LOG_ODDS * log_odds


def whole_points(log_odds: Quantity) -> Quantity:
    """Points as published, rounded half up. They rank applicants like the PD."""
    return (points(log_odds) + 0.5) // 1
