"""Counterfactuals: each is approved, and nothing smaller is."""

from dataclasses import replace
from functools import cache
from itertools import combinations, product
from operator import itemgetter

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from domain.applications.loan_application import LoanApplication
from domain.arithmetic import logistic
from domain.decisions import levers
from domain.decisions.counterfactual import Change, Counterfactual, CounterfactualContext, find_counterfactual
from domain.decisions.decision import Decision, decide
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.probability import ProbabilityOfDefault
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application
from support.other_models import CHAMPION

LEVER = {lever.field: lever for lever in PERSONAL_LOAN.levers}
IMMEDIATE = {lever.field for lever in PERSONAL_LOAN.levers if lever.immediate}
A_FEW_AMOUNTS = replace(POLICY_1, pricing=replace(POLICY_1.pricing, amount_step=2_000))
GOOD = {"annual_inc": 200_000, "fico_range_low": 800, "fico_range_high": 804, "dti": 3.0, "inq_last_6mths": 0}


@cache
def champion() -> TableCreditModel:
    return TableCreditModel(parse_bundle(CHAMPION, "the champion", PERSONAL_LOAN))


def judged_by(policy: ScoringPolicy) -> CounterfactualContext:
    model = champion()
    return CounterfactualContext(
        policy, model.predict, model.risk_by_amount, model.reference_profile(policy.approve_below)
    )


JUDGEMENT = judged_by(POLICY_1)


def decided(application: LoanApplication, context: CounterfactualContext = JUDGEMENT) -> Decision:
    characteristics = PERSONAL_LOAN.characteristics_of(application)
    return decide(
        context.policy,
        characteristics,
        context.predict(characteristics),
        reference=context.reference,
        risk_by_amount=context.risk_by_amount,
    )


def approved(application: LoanApplication, context: CounterfactualContext = JUDGEMENT) -> bool:
    return decided(application, context).outcome is Outcome.APPROVED


def changed(application: LoanApplication, *changes: Change) -> LoanApplication:
    for change in changes:
        application = levers.apply_lever(LEVER[change.name], application, change.instead, PERSONAL_LOAN)
    return application


def steps_of(
    name: str, application: LoanApplication, context: CounterfactualContext = JUDGEMENT
) -> tuple[float, ...]:
    return levers.steps_of(LEVER[name], PERSONAL_LOAN.characteristics_of(application), context.policy)


def one_step_less(change: Change, application: LoanApplication) -> LoanApplication:
    """The application with one step less of a change, or without it if it has one step."""
    steps = steps_of(change.name, application)
    place = steps.index(change.instead)
    if place == 0:
        return application
    return levers.apply_lever(LEVER[change.name], application, steps[place - 1], PERSONAL_LOAN)


applications = st.builds(
    lambda counts, low, **values: a_loan_application(
        **values,
        emp_length="2 years",
        fico_range_low=low,
        fico_range_high=min(low + 4, 850),
        inq_last_6mths=counts[0],
        delinq_2yrs=counts[1],
        pub_rec=counts[2],
    ),
    annual_inc=st.integers(1_400_000, 15_000_000).map(lambda cents: cents / 100),
    loan_amnt=st.integers(90_000, 3_600_000).map(lambda cents: cents / 100),
    term=st.sampled_from(["36 months", "60 months"]),
    low=st.integers(650, 850),
    dti=st.floats(0, 45, allow_nan=False),
    revol_util=st.none() | st.floats(0, 130, allow_nan=False),
    counts=st.tuples(st.integers(0, 6), st.sampled_from([0, 1, 2, 0, 1, 3]), st.sampled_from([0, 1, 0, 1, 0, 2])),
    home_ownership=st.sampled_from(PERSONAL_LOAN.categories["home_ownership"]),
    purpose=st.sampled_from(PERSONAL_LOAN.categories["purpose"]),
)
many = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
few = settings(many, max_examples=8)


@many
@given(applications)
def test_every_counterfactual_is_approved_by_model_and_policy(application: LoanApplication) -> None:
    for one in find_counterfactual(application, JUDGEMENT):
        paper = changed(application, *one.changes)
        made = decided(paper)
        assert made.outcome is Outcome.APPROVED
        assert one == Counterfactual(
            one.changes,
            champion().predict(PERSONAL_LOAN.characteristics_of(paper)).pd.value,
            made.grade,
            made.annual_rate,
            made.instalment,
        )


@many
@given(applications)
def test_one_step_less_than_a_counterfactual_is_not_approved(application: LoanApplication) -> None:
    for one in find_counterfactual(application, JUDGEMENT):
        for change in one.changes:
            others = [other for other in one.changes if other is not change]
            assert not approved(one_step_less(change, changed(application, *others)))


@many
@given(applications)
def test_every_sufficient_single_change_is_offered(application: LoanApplication) -> None:
    found = find_counterfactual(application, JUDGEMENT)
    alone = {one.changes[0].name: one.changes[0].instead for one in found if len(one.changes) == 1}
    if approved(application):
        assert found == ()
        return
    for lever in PERSONAL_LOAN.levers:
        steps = steps_of(lever.field, application)
        if lever.field == "loan_amnt":  # a thousand amounts are too many to try; the furthest one decides
            steps = steps[-1:]
        applied = ((step, levers.apply_lever(lever, application, step, PERSONAL_LOAN)) for step in steps)
        sufficient = next((step for step, changed_application in applied if approved(changed_application)), None)
        if lever.field == "loan_amnt":
            assert (lever.field in alone) == (sufficient is not None)
        else:
            assert alone.get(lever.field) == sufficient


def distance_of(
    changes: tuple[Change, ...], application: LoanApplication, context: CounterfactualContext
) -> float:
    distance = 0.0
    for change in changes:
        steps = steps_of(change.name, application, context)
        distance += (steps.index(change.instead) + 1) / (len(steps) + 1)
    return distance


def steps_with_distance(
    name: str, application: LoanApplication, context: CounterfactualContext
) -> list[tuple[float, Change]]:
    """Every step of a lever with its distance."""
    given = PERSONAL_LOAN.characteristics_of(application)[PERSONAL_LOAN.inputs.index(name)]
    steps = steps_of(name, application, context)
    return [(place / (len(steps) + 1), Change(name, given, step)) for place, step in enumerate(steps, 1)]


def smallest_pair_distance(
    names: set[str], application: LoanApplication, context: CounterfactualContext
) -> float | None:
    """The smallest pair, found by trying all pairs, nearest first."""
    steps = {name: steps_with_distance(name, application, context) for name in sorted(names)}
    pairs = [
        (far + further, (first, second))
        for one, other in combinations(steps, 2)
        for (far, first), (further, second) in product(steps[one], steps[other])
    ]
    pairs.sort(key=itemgetter(0))
    return next((distance for distance, pair in pairs if approved(changed(application, *pair), context)), None)


@few
@given(applications)
def test_the_offered_pair_is_the_smallest_of_all_pairs(application: LoanApplication) -> None:
    context = judged_by(A_FEW_AMOUNTS)
    assume(not approved(application, context))
    found = find_counterfactual(application, context)
    alone = {one.changes[0].name for one in found if len(one.changes) == 1}
    assume(not alone & IMMEDIATE)
    pairs = [one for one in found if len(one.changes) == 2]
    least = smallest_pair_distance(IMMEDIATE, application, context)
    if least is None and not alone:
        least = smallest_pair_distance(set(LEVER), application, context)
    if least is None:
        assert pairs == []
    else:
        (pair,) = pairs
        assert distance_of(pair.changes, application, context) == pytest.approx(least)


def test_an_approved_application_needs_no_change() -> None:
    application = a_loan_application(**GOOD)
    assert approved(application)
    assert find_counterfactual(application, JUDGEMENT) == ()


@pytest.mark.parametrize("fixed", [{"pub_rec": 2}, {"delinq_2yrs": 3}])
def test_no_change_concerns_the_past(fixed: dict[str, int]) -> None:
    application = a_loan_application(**fixed)
    assert not approved(application)
    assert find_counterfactual(application, JUDGEMENT) == ()


def test_no_change_concerns_a_declared_characteristic() -> None:
    declared = {"annual_inc", "emp_length", "home_ownership", "purpose"}
    past = {"delinq_2yrs", "pub_rec"}
    assert set(LEVER) == set(PERSONAL_LOAN.characteristic_names) - declared - past


@pytest.mark.parametrize(
    ("requested", "instead"), [(80_000, 1_000.0), (4_000_000, 35_000.0), (3_500_001, 35_000.0), (99_999, 1_000.0)]
)
def test_an_amount_outside_the_product_becomes_the_nearest_valid_one(requested: int, instead: float) -> None:
    application = a_loan_application(**GOOD | {"pub_rec": 0, "loan_amnt": requested / 100})
    (only,) = find_counterfactual(application, JUDGEMENT)
    assert only.changes == (Change("loan_amnt", requested / 100, instead),)


def test_a_model_that_is_not_monotone_yields_no_false_counterfactual() -> None:
    """The compiler rejects such models; this tests the result if one were used."""
    model = champion()

    def predict(characteristics: Characteristics) -> Prediction:
        prediction = model.predict(characteristics)
        bad = replace(prediction, log_odds=9.0, pd=ProbabilityOfDefault(logistic(9.0)))
        return bad if characteristics[PERSONAL_LOAN.inputs.index("revol_util")] < 60 else prediction

    treacherous = replace(JUDGEMENT, predict=predict)
    application = a_loan_application(
        fico_range_low=675, fico_range_high=679, dti=15.5, revol_util=82.5, inq_last_6mths=3, pub_rec=0
    )
    names = {change.name for one in find_counterfactual(application, JUDGEMENT) for change in one.changes}
    assert "revol_util" in names
    for one in find_counterfactual(application, treacherous):
        assert approved(changed(application, *one.changes), treacherous)
        assert "revol_util" not in {change.name for change in one.changes}
