"""The loan at another term, where no amount passes at the requested one."""

from dataclasses import replace

import pytest

from domain.decisions.decision import Decision, decide
from domain.models.characteristics import Characteristics
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import Outcome
from domain.policies.version_1 import POLICY_1
from domain.policies.version_2 import POLICY_2
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_prediction, some_characteristics

LONG = some_characteristics(term=60.0, loan_amnt=10_000.0)
CUT = 6_000.0
"""Over three years the score passes up to this amount."""


def risk(inputs: Characteristics) -> RiskByAmount:
    over_three_years = inputs[PERSONAL_LOAN.term_place] == 36.0
    return RiskByAmount([CUT], [-2.5 if over_three_years else -1.5, -1.0])


def decided(inputs: Characteristics, policy=POLICY_2) -> Decision:
    prediction = a_prediction(log_odds=-1.0, out_of_domain=())
    return decide(policy, inputs, prediction, reference=[0.0] * 12, risk_by_amount=risk)


def test_the_largest_amount_at_the_other_term_is_the_alternative() -> None:
    made = decided(LONG)
    assert (made.outcome, made.recommended_amount.dollars) == (Outcome.DECLINED, 0.0)
    assert made.alternative is not None
    assert (made.alternative.amount.dollars, made.alternative.term) == (CUT, 36)
    grade = POLICY_2.pricing.grades[1]  # log-odds of -2.5 are a PD of 7.6 %
    assert made.alternative.annual_rate == grade.annual_rate
    monthly = CUT * grade.instalment_per_dollar(36)
    assert made.alternative.instalment.dollars == pytest.approx(monthly, abs=0.005)


def test_the_alternative_would_be_approved() -> None:
    made = decided(LONG)
    assert made.alternative is not None
    changed = PERSONAL_LOAN.changed_inputs(LONG, {"term": 36.0, "loan_amnt": made.alternative.amount.dollars})
    assert POLICY_2.evaluate(changed, -2.5).outcome == Outcome.APPROVED.severity


def test_it_is_the_requested_amount_if_that_would_be_approved() -> None:
    made = decided(some_characteristics(term=60.0, loan_amnt=3_010.0))
    assert made.alternative is not None
    assert made.alternative.amount.dollars == 3_010.0


def test_there_is_none_if_an_amount_passes_at_the_requested_term() -> None:
    made = decided(some_characteristics(term=36.0, loan_amnt=10_000.0))
    assert (made.recommended_amount.dollars, made.alternative) == (CUT, None)


def test_there_is_none_if_a_rule_on_the_applicant_declines() -> None:
    made = decided(PERSONAL_LOAN.changed_inputs(LONG, {"fico_range_low": 640.0}))
    assert (made.recommended_amount.dollars, made.alternative) == (0.0, None)


def test_policies_before_schema_3_have_none() -> None:
    assert decided(LONG, POLICY_1).alternative is None
    assert decided(LONG, replace(POLICY_1, schema=2)).alternative is None
