"""Points, intervals and reasons."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.models.probability import InvalidProbability, PdInterval, ProbabilityOfDefault, Uncertainty
from domain.models.scorecard import whole_points
from domain.policies.circumstance_measures import reason_texts
from domain.policies.reasons import principal_score_reasons
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN

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
    contributions[PERSONAL_LOAN.characteristic_names.index("dti")] = 0.30
    contributions[PERSONAL_LOAN.characteristic_names.index("fico_range_low")] = 0.50
    contributions[PERSONAL_LOAN.characteristic_names.index("annual_inc")] = -0.10
    reference = [0.0] * 12
    reference[PERSONAL_LOAN.characteristic_names.index("fico_range_low")] = 0.40
    reference[PERSONAL_LOAN.characteristic_names.index("annual_inc")] = -0.15
    codes = [
        reason.code for reason in principal_score_reasons(contributions, reference, POLICY_1.score_reasons.reasons)
    ]
    assert codes == ["OBLIGATIONS", "CREDIT_BUREAU_SCORE", "INCOME"]


def test_at_most_four_reasons_and_ties_keep_the_order_of_the_characteristics() -> None:
    codes = [
        reason.code for reason in principal_score_reasons([0.1] * 12, [0.0] * 12, POLICY_1.score_reasons.reasons)
    ]
    assert codes == [each.reason for each in PERSONAL_LOAN.characteristics[:4]]


def test_a_contribution_that_lowers_the_risk_is_no_reason() -> None:
    assert principal_score_reasons([-0.1] * 12, [0.0] * 12, POLICY_1.score_reasons.reasons) == ()


def test_every_characteristic_has_a_reason_of_its_own() -> None:
    reasons = {each.reason for each in PERSONAL_LOAN.characteristics}
    assert len(reasons) == len(PERSONAL_LOAN.characteristics)


FORBIDDEN = (
    "qualifying score",
    "internal standard",
    "internal polic",
    "credit scoring system",
    "points",
    "a score",
)


def test_no_reason_uses_a_phrase_that_regulation_b_calls_insufficient() -> None:
    for text in reason_texts(PERSONAL_LOAN).values():
        assert not any(phrase in text.lower() for phrase in FORBIDDEN), text
        assert len(text) > 10
