"""How certain an outcome is, for one applicant and for columns."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.arithmetic import natural_logarithm, normal_distribution
from domain.policies.confidence import confidence_by_stability, outcome_stability
from domain.policies.version_2 import POLICY_2

APPROVE, DECLINE = -1.8, -1.3
"""Cut-offs in log-odds."""
APPROVED, REFERRED, DECLINED = range(3)


def stability(log_odds: float, outcome: int, rules_outcome: int = APPROVED, half_width: float = 0.3) -> float:
    return float(
        outcome_stability(
            log_odds,
            half_width,
            outcome=outcome,
            rules_outcome=rules_outcome,
            approve_below=APPROVE,
            decline_from=DECLINE,
        )
    )


def test_an_outcome_at_its_cut_off_is_as_stable_as_a_coin() -> None:
    assert stability(APPROVE, APPROVED) == pytest.approx(0.5, abs=1e-12)
    assert stability(DECLINE, DECLINED) == pytest.approx(0.5, abs=1e-12)


def test_half_the_interval_from_a_cut_off_is_its_one_sided_95_percent() -> None:
    assert stability(APPROVE - 0.3, APPROVED) == pytest.approx(0.95, abs=1e-4)
    assert stability(DECLINE + 0.3, DECLINED) == pytest.approx(0.95, abs=1e-4)


def test_a_referral_by_score_is_stable_between_the_cut_offs_only() -> None:
    middle = (APPROVE + DECLINE) / 2
    within = math.erf(0.25 / (0.3 / 1.645) / math.sqrt(2))
    assert stability(middle, REFERRED) == pytest.approx(within, abs=1e-9)
    assert stability(DECLINE, REFERRED) < 0.5


def test_a_declining_rule_is_certain_at_any_score() -> None:
    assert [stability(score, DECLINED, DECLINED) for score in (-4.0, DECLINE, 2.0)] == [1.0, 1.0, 1.0]


def test_a_referring_rule_can_only_be_changed_by_a_decline() -> None:
    assert stability(-4.0, REFERRED, REFERRED) == pytest.approx(1.0, abs=1e-9)
    assert stability(DECLINE, REFERRED, REFERRED) == pytest.approx(0.5, abs=1e-12)
    assert stability(DECLINE + 0.3, DECLINED, REFERRED) == pytest.approx(0.95, abs=1e-4)


def test_without_uncertainty_the_outcome_is_certain() -> None:
    assert stability(APPROVE - 0.01, APPROVED, half_width=0.0) == pytest.approx(1.0, abs=1e-11)


@pytest.mark.parametrize(
    ("share", "inside", "expected"),
    [
        (1.0, True, 2),
        (0.95, True, 2),
        (0.9499, True, 1),
        (0.75, True, 1),
        (0.7499, True, 0),
        (1.0, False, 1),
        (0.8, False, 1),
        (0.5, False, 0),
    ],
)
def test_confidence_has_three_levels_and_is_at_most_medium_outside(
    share: float, inside: bool, expected: int
) -> None:
    assert confidence_by_stability(share, inside) == expected
    assert confidence_by_stability(np.array([share]), np.array([inside])).tolist() == [expected]


@given(st.lists(st.tuples(st.floats(-6, 4), st.floats(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1))
def test_a_column_gives_the_same_bits_as_one_at_a_time(rows: list[tuple[float, float, int, int]]) -> None:
    log_odds, half, outcome, rules = (np.array(column) for column in zip(*rows, strict=True))
    outcome = np.maximum(outcome, rules)
    columns = outcome_stability(
        log_odds,
        half,
        outcome=outcome,
        rules_outcome=rules,
        approve_below=APPROVE,
        decline_from=DECLINE,
    )
    single = [
        stability(score, int(final), by_rules, half_width)
        for (score, half_width, _, by_rules), final in zip(rows, outcome, strict=True)
    ]
    possible = ~((outcome == APPROVED) & (rules > APPROVED))
    assert columns[possible].tolist() == np.array(single)[possible].tolist()
    assert ((columns >= 0.0) & (columns <= 1.0)).all()


@given(st.floats(-50, 50))
def test_the_normal_distribution_is_that_of_the_error_function(deviations: float) -> None:
    assert normal_distribution(deviations) == pytest.approx(0.5 * math.erfc(-deviations / math.sqrt(2)), abs=2e-12)


@given(st.floats(1e-9, 1e9))
def test_the_logarithm_is_that_of_the_library(number: float) -> None:
    assert natural_logarithm(number) == pytest.approx(math.log(number), rel=1e-11, abs=1e-13)


def test_a_policy_takes_the_log_odds_of_its_own_cut_offs() -> None:
    policy = replace(POLICY_2, approve_below=0.2, decline_from=0.5)
    evaluation = replace(policy.evaluate(INPUTS, -4.0), outcome=DECLINED, rules_outcome=APPROVED)
    assert policy.stability(evaluation, 0.0, 0.3) == pytest.approx(0.5, abs=1e-12)


INPUTS = (60_000.0, 5.0, "RENT", 10_000.0, 36.0, "car", 700.0, 15.0, 30.0, 1.0, 0.0, 0.0)
