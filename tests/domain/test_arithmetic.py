"""The arithmetic of a number and of a column is accurate and equal to the last bit."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.arithmetic import choose, compound, exponential, logistic, steps_reached

log_odds = st.floats(-20, 20)


@given(st.floats(-40, 40))
def test_the_exponential_is_true_to_twelve_digits(x: float) -> None:
    assert math.isclose(exponential(x), math.exp(x), rel_tol=1e-12)


@given(st.lists(log_odds, min_size=1, max_size=50))
def test_a_column_has_the_bits_of_its_numbers(values: list[float]) -> None:
    column = logistic(np.array(values))
    assert column.tolist() == [logistic(value) for value in values]


@given(log_odds, log_odds)
def test_more_log_odds_never_mean_a_lower_probability(one: float, other: float) -> None:
    low, high = sorted((one, other))
    if high - low > 1e-9:
        assert logistic(low) < logistic(high)


def test_probabilities_stay_between_zero_and_one() -> None:
    assert 0 < logistic(-30.0) < logistic(30.0) < 1


def test_bands_start_at_their_threshold() -> None:
    thresholds = [0.1, 0.2]
    assert [steps_reached(value, thresholds) for value in (0.0, 0.0999, 0.1, 0.2, 5.0)] == [0, 0, 1, 2, 2]
    assert steps_reached(np.array([0.05, 0.15, 0.25]), thresholds).tolist() == [0, 1, 2]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_choosing_by_arithmetic_is_exact(values: list[float]) -> None:
    indices = range(len(values))
    assert [choose(index, values) for index in indices] == values
    assert choose(np.array(indices), values).tolist() == values


def test_compounding_is_repeated_multiplication() -> None:
    assert compound(0.01, 0) == 1.0
    assert math.isclose(compound(0.01, 36), 1.01**36, rel_tol=1e-14)
