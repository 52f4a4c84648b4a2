"""Points, intervals and reasons."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.models.characteristics import CHARACTERISTIC_NAMES, Characteristics
from domain.models.probability import InvalidProbability, PdInterval, ProbabilityOfDefault, Uncertainty
from domain.models.scorecard import whole_points
from domain.policies.reasons import REASONS, SCORE_REASON_CODES, ReasonCode, principal_score_reasons

LOG_ODDS_OF = {0.02: 599, 0.05: 572, 0.10: 551, 0.20: 527}


@pytest.mark.parametrize(("pd", "expected"), LOG_ODDS_OF.items())
def test_points_are_on_the_published_scale(pd: float, expected: int) -> None:
    assert whole_points(math.log(pd / (1 - pd))) == expected


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_points_never_disagree_with_risk_in_order(one: float, other: float) -> None:
    safer, riskier = sorted((one, other))
    assert whole_points(safer) >= whole_points(riskier)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 1.2, float("nan")])
def test_a_probability_is_strictly_between_zero_and_one(value: float) -> None:
    with pytest.raises(InvalidProbability):
        ProbabilityOfDefault(value)


def test_an_interval_is_given_low_first() -> None:
    with pytest.raises(InvalidProbability):
        PdInterval(0.3, 0.2)


@given(st.floats(-8, 8))
def test_the_interval_contains_the_estimate(log_odds: float) -> None:
    low, high = Uncertainty(0.2, 0.01, 0.01).bounds(log_odds)
    assert 0 < low <= 1 / (1 + math.exp(-log_odds)) <= high < 1


def test_reasons_are_what_raises_the_risk_most_above_the_reference_profile() -> None:
    contributions = [0.0] * 12
    contributions[CHARACTERISTIC_NAMES.index("dti")] = 0.30
    contributions[CHARACTERISTIC_NAMES.index("fico_range_low")] = 0.50
    contributions[CHARACTERISTIC_NAMES.index("annual_inc")] = -0.10
    reference = [0.0] * 12
    reference[CHARACTERISTIC_NAMES.index("fico_range_low")] = 0.40
    reference[CHARACTERISTIC_NAMES.index("annual_inc")] = -0.15
    codes = [reason.code for reason in principal_score_reasons(contributions, reference)]
    assert codes == [ReasonCode.OBLIGATIONS, ReasonCode.CREDIT_BUREAU_SCORE, ReasonCode.INCOME]


def test_at_most_four_reasons_and_ties_keep_the_order_of_the_characteristics() -> None:
    codes = [reason.code for reason in principal_score_reasons([0.1] * 12, [0.0] * 12)]
    assert codes == list(SCORE_REASON_CODES[:4])


def test_a_contribution_that_lowers_the_risk_is_no_reason() -> None:
    assert principal_score_reasons([-0.1] * 12, [0.0] * 12) == ()


def test_every_characteristic_has_a_reason_of_its_own() -> None:
    assert len(set(SCORE_REASON_CODES)) == len(CHARACTERISTIC_NAMES) == len(Characteristics.__dataclass_fields__)


FORBIDDEN = (
    "qualifying score",
    "internal standard",
    "internal polic",
    "credit scoring system",
    "points",
    "a score",
)


def test_no_reason_uses_a_phrase_that_regulation_b_calls_insufficient() -> None:
    assert set(REASONS) == set(ReasonCode)
    for reason in REASONS.values():
        assert not any(phrase in reason.text.lower() for phrase in FORBIDDEN), reason
        assert len(reason.text) > 10
