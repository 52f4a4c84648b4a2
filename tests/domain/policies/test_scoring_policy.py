"""Rules, cut-offs, products and decisions."""

from dataclasses import replace
from math import inf, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.arithmetic import logistic
from domain.decisions.decision import ApplicantEvaluation, decide
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.probability import Uncertainty
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.confidence import confidence_by_interval
from domain.policies.outcome import OUTCOMES, Confidence, Outcome
from domain.policies.pricing import Grade, InvalidGrades, InvalidPricing, Pricing
from domain.policies.recommended_amount import (
    largest_approved_amount,
    largest_approved_amounts,
    recommended_amount,
)
from domain.policies.rules import (
    Comparison,
    InvalidRuleName,
    Rule,
    RuleWithoutConsequence,
    UnknownMeasure,
    UnknownReason,
)
from domain.policies.scoring_policy import InvalidCutOffs, InvalidPolicyVersion, ScoringPolicy
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_prediction

PRICING = Pricing(1_000, 40_000, 25, (Grade("A", 0.05, 0.06), Grade("B", 0.15, 0.12), Grade("C", 1.0, 0.24)))
INCOME = Rule("income", "annual income", Comparison.AT_LEAST, 12_000, "INCOME_BELOW_MINIMUM", Outcome.DECLINED)
OBLIGATIONS = Rule(
    "obligations",
    "debt to income after",
    Comparison.AT_MOST,
    0.43,
    "EXCESSIVE_OBLIGATIONS",
    Outcome.DECLINED,
)
RECORDS = Rule("records", "public records", Comparison.AT_MOST, 0, "TOO_MANY_PUBLIC_RECORDS", Outcome.REFERRED)
POLICY = ScoringPolicy("test", (INCOME, OBLIGATIONS, RECORDS), 0.15, 0.25, PRICING, "for tests", PERSONAL_LOAN)
ANNA: Characteristics = (60_000.0, 5.0, "RENT", 10_000.0, 36.0, "car", 700.0, 15.0, 30.0, 1.0, 0.0, 0.0)
UNCERTAINTY = Uncertainty(0.1, 0, 0)


def inputs(**changed: Any) -> tuple[Any, ...]:
    """Anna's inputs, or columns of them, with some changed by name."""
    return PERSONAL_LOAN.changed_inputs(ANNA, changed)


def risk_growing_with_amount(base: float) -> RiskByAmount:
    """For each step of the product."""
    steps = [1_000.0 + 25.0 * step for step in range(1_561)]
    return RiskByAmount(steps, [base + amount / 20_000 for amount in [*steps, 41_000.0]])


def decision(characteristics: Characteristics, base: float, out_of_domain: tuple[str, ...] = ()):
    risk = risk_growing_with_amount(base)
    prediction = Prediction.of(
        risk.at(characteristics[PERSONAL_LOAN.amount_place]),
        base=0.0,
        contributions=tuple(0.1 * (12 - index) for index in range(12)),
        uncertainty=UNCERTAINTY,
        out_of_domain=out_of_domain,
    )
    return decide(POLICY, characteristics, prediction, reference=[0.0] * 12, risk_by_amount=lambda _: risk)


def test_a_safe_applicant_is_approved_for_the_requested_amount_without_reasons() -> None:
    made = decision(ANNA, -4.0)
    assert made.outcome is Outcome.APPROVED
    assert made.confidence is Confidence.HIGH
    assert made.recommended_amount.dollars == 10_000
    assert made.reasons == ()
    assert not made.default_predicted


def test_a_risky_applicant_is_declined_for_score_reasons() -> None:
    made = decision(ANNA, 0.5)
    assert made.outcome is Outcome.DECLINED
    assert made.default_predicted
    assert [reason.code for reason in made.reasons][:2] == ["INCOME", "LENGTH_OF_EMPLOYMENT"]


def test_reasons_of_rules_come_before_those_of_the_score() -> None:
    made = decision(inputs(annual_inc=10_000, dti=60), 0.5)
    assert made.outcome is Outcome.DECLINED
    assert [reason.code for reason in made.reasons] == [
        "INCOME_BELOW_MINIMUM",
        "EXCESSIVE_OBLIGATIONS",
        "INCOME",
        "LENGTH_OF_EMPLOYMENT",
    ]
    assert (made.rule_reasons, made.score_reasons) == (made.reasons[:2], made.reasons[2:])
    assert made.failed_rules == ("income", "obligations")
    assert made.recommended_amount.dollars == 0


def test_a_rule_can_refer_and_a_worse_score_still_declines() -> None:
    recorded = inputs(pub_rec=1)
    referred = decision(recorded, -4.0)
    assert referred.outcome is Outcome.REFERRED
    assert [reason.code for reason in referred.reasons] == ["TOO_MANY_PUBLIC_RECORDS"]
    declined = decision(recorded, 0.5)
    assert declined.outcome is Outcome.DECLINED
    assert declined.reasons[0].code == "INCOME"


def test_a_score_between_the_cut_offs_is_referred_with_a_smaller_amount() -> None:
    made = decision(ANNA, -1.9)  # PD 0.198 at $10,000; below 0.15 only under $3,300
    assert made.outcome is Outcome.REFERRED
    assert made.recommended_amount.dollars == 3_300
    assert not made.default_predicted


def test_an_income_of_zero_fails_every_ratio_without_division_by_zero() -> None:
    made = decision(inputs(annual_inc=0), -4.0)
    assert made.failed_rules == ("income", "obligations")


@pytest.mark.parametrize(
    ("low", "high", "inside", "expected"),
    [
        (0.05, 0.10, True, 2),
        (0.30, 0.40, True, 2),
        (0.16, 0.24, True, 1),
        (0.10, 0.20, True, 0),
        (0.20, 0.30, True, 0),
        (0.10, 0.30, True, 0),
        (0.05, 0.10, False, 0),
    ],
)
def test_confidence_follows_from_the_interval(low: float, high: float, inside: bool, expected: int) -> None:
    cut_offs = (POLICY.approve_below, POLICY.decline_from)
    assert confidence_by_interval(low, high, inside, *cut_offs) == expected
    columns = (np.array([each]) for each in (low, high, inside))
    assert confidence_by_interval(*columns, *cut_offs).tolist() == [expected]


@given(st.floats(0, 200_000), st.floats(0, 60), st.integers(0, 2), st.floats(-5, 1), st.floats(1, 50_000))
def test_the_search_finds_the_largest_approved_step(
    income: float, dti: float, records: int, base: float, limit: float
) -> None:
    characteristics = inputs(annual_inc=income, dti=dti, pub_rec=records)
    risk = risk_growing_with_amount(base)

    steps = np.arange(1_000.0, 40_001.0, 25.0)
    columns = PERSONAL_LOAN.changed_inputs(characteristics, {"loan_amnt": steps})
    approved = POLICY.evaluate(columns, base + steps / 20_000).outcome == 0
    every = steps[approved].tolist()
    found = largest_approved_amount(POLICY, characteristics, risk, up_to=50_000.0)
    assert found == (max(every) if every else 0)
    limited = largest_approved_amount(POLICY, characteristics, risk, up_to=limit)
    assert limited == max([1_000.0, *(amount for amount in every if amount <= limit)] if every else [0])


@given(st.lists(st.tuples(st.floats(0, 200_000), st.floats(0, 60), st.floats(-5, 1)), min_size=1, max_size=20))
def test_a_column_of_applicants_gives_the_same_bits_as_one_at_a_time(
    rows: list[tuple[float, float, float]],
) -> None:
    income, dti, base = (np.array(column) for column in zip(*rows, strict=True))
    amount = np.full(len(rows), 10_000.0)
    term, fico = np.full(len(rows), 36.0), np.full(len(rows), 700.0)
    columns = inputs(
        annual_inc=income,
        loan_amnt=amount,
        term=term,
        fico_range_low=fico,
        dti=dti,
        delinq_2yrs=0 * income,
        pub_rec=0 * income,
    )
    assessed = POLICY.evaluate(columns, base + amount / 20_000)
    largest = largest_approved_amounts(POLICY, columns, lambda dollars: base + dollars / 20_000, up_to=amount)
    for index, (one_income, one_dti, one_base) in enumerate(rows):
        characteristics = inputs(annual_inc=one_income, dti=one_dti)
        made = POLICY.evaluate(characteristics, one_base + 10_000 / 20_000)
        assert assessed.pd[index] == made.pd
        assert assessed.points[index] == made.points
        assert assessed.instalment[index] == made.instalment
        assert OUTCOMES[assessed.outcome[index]] is OUTCOMES[made.outcome]
        risk = risk_growing_with_amount(one_base)
        assert largest_approved_amount(POLICY, characteristics, risk, up_to=10_000.0) == largest[index]


def test_a_recommendation_never_exceeds_the_request() -> None:
    assert recommended_amount(10_010.0, True, 20_000.0) == 10_010.0
    assert recommended_amount(10_010.0, False, 8_000.0) == 8_000.0
    assert recommended_amount(
        np.array([500.0, 500.0, 900.0]), np.array([False, True, False]), np.array([1000.0, 0.0, 800.0])
    ).tolist() == [
        0.0,
        500.0,
        800.0,
    ]


def test_the_installments_repay_the_loan() -> None:
    grade = PRICING.grades[1]
    owed = 10_000.0
    instalment = 10_000 * grade.instalment_per_dollar(36)
    for _ in range(36):
        owed = owed * 1.01 - instalment
    assert abs(owed) < 1e-6


def test_grades_must_go_from_low_pd_to_high() -> None:
    with pytest.raises(InvalidGrades):
        Pricing(1, 2, 1, (Grade("A", 0.2, 0.1), Grade("B", 0.1, 0.2), Grade("C", 1.0, 0.3)))
    with pytest.raises(InvalidGrades):
        Pricing(1, 2, 1, (Grade("A", 0.2, 0.3), Grade("B", 1.0, 0.2)))
    with pytest.raises(InvalidGrades):
        Pricing(1, 2, 1, (Grade("A", 0.2, 0.3),))


@pytest.mark.parametrize("name", ["", " ", "A"])
def test_every_grade_needs_a_name_of_its_own(name: str) -> None:
    with pytest.raises(InvalidGrades, match="name"):
        replace(PRICING, grades=(Grade("A", 0.05, 0.06), Grade(name, 1.0, 0.24)))


@pytest.mark.parametrize("name", ["", " \t"])
def test_a_rule_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidRuleName, match="must have a name"):
        replace(INCOME, name=name)


def test_two_rules_of_the_same_name_are_refused() -> None:
    with pytest.raises(InvalidRuleName, match=f"different names: {INCOME.name}"):
        replace(POLICY, rules=(*POLICY.rules, replace(INCOME, limit=INCOME.limit + 1)))


@pytest.mark.parametrize("version", ["", " "])
def test_a_policy_without_a_version_is_refused(version: str) -> None:
    with pytest.raises(InvalidPolicyVersion):
        replace(POLICY, version=version)


@pytest.mark.parametrize(
    "impossible",
    [
        {"amount_step": 0},
        {"minimum_amount": 0},
        {"maximum_amount": 999},
        {"grades": (Grade("A", 1.0, 0.0),)},
    ],
)
def test_a_product_needs_positive_amounts_and_rates(impossible: dict[str, Any]) -> None:
    with pytest.raises(InvalidPricing):
        replace(PRICING, **impossible)


def test_the_approve_cut_off_must_not_exceed_the_decline_cut_off() -> None:
    with pytest.raises(InvalidCutOffs):
        replace(POLICY, approve_below=0.3)


def test_a_rule_with_an_unknown_measure_is_refused() -> None:
    with pytest.raises(UnknownMeasure, match="shoe size"):
        replace(POLICY, rules=(replace(INCOME, measure="shoe size"),))


def test_a_rule_with_an_unknown_reason_is_refused() -> None:
    with pytest.raises(UnknownReason, match="BAD_LUCK"):
        replace(POLICY, rules=(replace(INCOME, reason="BAD_LUCK"),))


def test_each_measure_has_the_value_of_its_name() -> None:
    characteristics = inputs(delinq_2yrs=2, pub_rec=1)
    values = PERSONAL_LOAN.compute_measures(characteristics, 12_000.0, 500.0)
    assert {measure.name: value for measure, value in zip(PERSONAL_LOAN.measures, values, strict=True)} == {
        "annual income": 60_000,
        "loan amount": 12_000,
        "loan to income": 0.2,
        "debt to income after": 0.15 + 0.1,
        "FICO": 700,
        "delinquencies in two years": 2,
        "public records": 1,
    }


@pytest.mark.parametrize("measure", [measure.name for measure in PERSONAL_LOAN.measures])
def test_a_measure_depends_on_the_amount_only_if_declared(measure: str) -> None:
    one, other = (PERSONAL_LOAN.measure_value(measure, ANNA, amount, amount / 30) for amount in (5_000.0, 9_000.0))
    assert PERSONAL_LOAN.depends_on_amount(measure) == (one != other)


def test_a_recommendation_without_the_risk_by_amount_is_refused() -> None:
    prediction = a_prediction(log_odds=0.5)
    evaluation = ApplicantEvaluation.on(ANNA, prediction, POLICY)
    assert not evaluation.approved
    with pytest.raises(ValueError, match="risk by amount"):
        evaluation.amount(None)


def test_a_rule_that_would_approve_is_refused() -> None:
    with pytest.raises(RuleWithoutConsequence, match="income"):
        replace(INCOME, otherwise=Outcome.APPROVED)


@given(st.floats(0, 200_000), st.floats(0, 60), st.integers(0, 2), st.floats(-5, 1))
def test_approves_agrees_with_evaluate(income: float, dti: float, records: int, log_odds: float) -> None:
    characteristics = inputs(annual_inc=income, dti=dti, pub_rec=records)
    approved = POLICY.admits(characteristics) and POLICY.approves(
        characteristics, ANNA[PERSONAL_LOAN.amount_place], log_odds
    )
    assert approved == (POLICY.evaluate(characteristics, log_odds).outcome == 0)


def test_a_rule_is_displayed_with_measure_and_limit() -> None:
    assert str(OBLIGATIONS) == "obligations: debt to income after at most 0.43"


@given(st.floats(-1e-5, 1e-5) | st.floats(-1e-15, 1e-15) | st.floats(-20, 20))
def test_the_score_passes_exactly_where_the_pd_is_below_the_cut_off(beside: float) -> None:
    at_cut_off = log(POLICY.approve_below / (1 - POLICY.approve_below))
    assert POLICY.passes(at_cut_off + beside) == (logistic(at_cut_off + beside) < POLICY.approve_below)


@given(
    st.lists(st.floats(-1e-5, 1e-5) | st.floats(-1e-15, 1e-15) | st.floats(-3, 3), min_size=1, max_size=12).map(
        sorted
    )
)
def test_the_largest_amount_by_score_is_the_last_that_passes(beside: list[float]) -> None:
    at_cut_off = log(POLICY.approve_below / (1 - POLICY.approve_below))
    cuts = [1_000.0 * step for step in range(1, len(beside))]
    risk = RiskByAmount(cuts, [at_cut_off + distance for distance in beside])
    passing = sum(POLICY.passes(log_odds) for log_odds in risk.log_odds)
    assert POLICY.max_amount_by_score(risk) == [0.0, *cuts, inf][passing]


@given(st.floats(0, 60_000) | st.integers(0, 2_400).map(lambda step: 25.0 * step))
def test_the_largest_amount_within_a_limit_is_a_step_of_the_product(limit: float) -> None:
    within = [amount for amount in np.arange(1_000.0, 40_001.0, 25.0).tolist() if amount <= limit]
    assert PRICING.largest_amount_up_to(limit) == max(within, default=1_000.0)


@given(st.floats(0, 1_000), st.sampled_from([0.1, 0.07, 1 / 3]))
def test_steps_that_floats_cannot_represent_exactly_are_found(limit: float, step: float) -> None:
    product = replace(PRICING, minimum_amount=10.0, maximum_amount=900.0, amount_step=step)
    amounts = [10.0 + number * step for number in range(int(890 / step) + 2)]
    within = [amount for amount in amounts if amount <= min(limit, 900.0)]
    assert product.largest_amount_up_to(limit) == max(within, default=10.0)
