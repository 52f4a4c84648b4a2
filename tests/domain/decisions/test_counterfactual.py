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
from domain.applications.applicant import EmploymentLength, FicoBand, HomeOwnership
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import Purpose, Term
from domain.applications.money import Money
from domain.arithmetic import logistic
from domain.decisions.counterfactual import Change, Counterfactual, CounterfactualContext, find_counterfactual
from domain.decisions.decision import Decision, decide
from domain.decisions.levers import LEVERS
from domain.models.characteristics import CHARACTERISTIC_NAMES, Characteristics
from domain.models.prediction import Prediction
from domain.models.probability import ProbabilityOfDefault
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from support.builders import a_credit_history, a_loan_application, an_applicant, some_loan_terms
from support.other_models import CHAMPION

LEVER = {lever.name: lever for lever in LEVERS}
IMMEDIATE = {lever.name for lever in LEVERS if lever.immediate}
A_FEW_AMOUNTS = replace(POLICY_1, product=replace(POLICY_1.product, amount_step=2_000))


@cache
def champion() -> TableCreditModel:
    return TableCreditModel(parse_bundle(CHAMPION, "the champion"))


def judged_by(policy: ScoringPolicy) -> CounterfactualContext:
    model = champion()
    return CounterfactualContext(
        policy, model.predict, model.risk_by_amount, model.reference_profile(policy.approve_below)
    )


JUDGEMENT = judged_by(POLICY_1)


def decided(application: LoanApplication, context: CounterfactualContext = JUDGEMENT) -> Decision:
    characteristics = Characteristics.of(application)
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
        application = LEVER[change.name].apply(application, change.instead)
    return application


def steps_of(
    name: str, application: LoanApplication, context: CounterfactualContext = JUDGEMENT
) -> tuple[float, ...]:
    return LEVER[name].steps(Characteristics.of(application), context.policy.product)


def one_step_less(change: Change, application: LoanApplication) -> LoanApplication:
    """The application with one step less of a change, or without it if it has one step."""
    steps = steps_of(change.name, application)
    place = steps.index(change.instead)
    return application if place == 0 else LEVER[change.name].apply(application, steps[place - 1])


applications = st.builds(
    lambda income, amount, term, low, dti, utilisation, counts, home, purpose: a_loan_application(
        applicant=an_applicant(
            annual_income=Money(income),
            employment_length=EmploymentLength.YEARS_2,
            home_ownership=home,
            credit_history=a_credit_history(
                fico=FicoBand(low, min(low + 4, 850)),
                debt_to_income=dti,
                revolving_utilisation=utilisation,
                inquiries_last_6_months=counts[0],
                delinquencies_last_2_years=counts[1],
                public_records=counts[2],
            ),
        ),
        terms=some_loan_terms(amount=Money(amount), term=term, purpose=purpose),
    ),
    income=st.integers(1_400_000, 15_000_000),
    amount=st.integers(90_000, 3_600_000),
    term=st.sampled_from(Term),
    low=st.integers(650, 850),
    dti=st.floats(0, 45, allow_nan=False),
    utilisation=st.none() | st.floats(0, 130, allow_nan=False),
    counts=st.tuples(st.integers(0, 6), st.sampled_from([0, 1, 2, 0, 1, 3]), st.sampled_from([0, 1, 0, 1, 0, 2])),
    home=st.sampled_from(HomeOwnership),
    purpose=st.sampled_from(Purpose),
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
            champion().predict(Characteristics.of(paper)).pd.value,
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
    for lever in LEVERS:
        steps = steps_of(lever.name, application)
        sufficient = (step for step in steps if approved(lever.apply(application, step)))
        if lever.name == "loan_amnt":  # a thousand amounts are too many to try; the furthest one decides
            sufficient = (step for step in steps[-1:] if approved(lever.apply(application, step)))
            assert (lever.name in alone) == (next(sufficient, None) is not None)
        else:
            assert alone.get(lever.name) == next(sufficient, None)


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
    given, steps = getattr(Characteristics.of(application), name), steps_of(name, application, context)
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
    good = a_credit_history(fico=FicoBand(800, 804), debt_to_income=3.0, inquiries_last_6_months=0)
    application = a_loan_application(applicant=an_applicant(annual_income=Money(20_000_000), credit_history=good))
    assert approved(application)
    assert find_counterfactual(application, JUDGEMENT) == ()


@pytest.mark.parametrize("fixed", [{"public_records": 2}, {"delinquencies_last_2_years": 3}])
def test_no_change_concerns_the_past(fixed: dict[str, int]) -> None:
    application = a_loan_application(applicant=an_applicant(credit_history=a_credit_history(**fixed)))
    assert not approved(application)
    assert find_counterfactual(application, JUDGEMENT) == ()


def test_no_change_concerns_a_declared_characteristic() -> None:
    declared = {"annual_inc", "emp_length", "home_ownership", "purpose"}
    past = {"delinq_2yrs", "pub_rec"}
    assert set(LEVER) == set(CHARACTERISTIC_NAMES) - declared - past


@pytest.mark.parametrize(
    ("requested", "instead"), [(80_000, 1_000.0), (4_000_000, 35_000.0), (3_500_001, 35_000.0), (99_999, 1_000.0)]
)
def test_an_amount_outside_the_product_becomes_the_nearest_valid_one(requested: int, instead: float) -> None:
    good = a_credit_history(
        fico=FicoBand(800, 804), debt_to_income=3.0, inquiries_last_6_months=0, public_records=0
    )
    application = a_loan_application(
        applicant=an_applicant(annual_income=Money(20_000_000), credit_history=good),
        terms=some_loan_terms(amount=Money(requested)),
    )
    (only,) = find_counterfactual(application, JUDGEMENT)
    assert only.changes == (Change("loan_amnt", requested / 100, instead),)


def test_a_model_that_is_not_monotone_yields_no_false_counterfactual() -> None:
    """The compiler rejects such models; this tests the result if one were used."""
    model = champion()

    def predict(characteristics: Characteristics) -> Prediction:
        prediction = model.predict(characteristics)
        bad = replace(prediction, log_odds=9.0, pd=ProbabilityOfDefault(logistic(9.0)))
        return bad if characteristics.revol_util < 60 else prediction

    treacherous = replace(JUDGEMENT, predict=predict)
    history = a_credit_history(
        fico=FicoBand(675, 679),
        debt_to_income=15.5,
        revolving_utilisation=82.5,
        inquiries_last_6_months=3,
        public_records=0,
    )
    application = a_loan_application(applicant=an_applicant(credit_history=history))
    names = {change.name for one in find_counterfactual(application, JUDGEMENT) for change in one.changes}
    assert "revol_util" in names
    for one in find_counterfactual(application, treacherous):
        assert approved(changed(application, *one.changes), treacherous)
        assert "revol_util" not in {change.name for change in one.changes}
