"""The contract of every credit model, and the agreement of the two implementations."""

from functools import cache
from math import isclose, isfinite, isnan, log

import numpy as np
import pytest

from adapters.scoring.bundles.bundle import ModelBundle, load_bundle, parse_champion
from adapters.scoring.compiling.agreement import stress_rows
from adapters.scoring.encoding import decode_row
from adapters.scoring.lightgbm_credit_model import LightGBMCreditModel
from adapters.scoring.table_credit_model import TableCreditModel
from application.ports.models.credit_model import CreditModel
from domain.models.characteristics import Characteristics
from domain.models.scorecard import whole_points
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import some_characteristics
from support.other_models import champion_of_layout_2, training_ranges
from support.paths import CHAMPION

TOLERANCE = 1e-9
NOT_GIVEN = float("nan")

APPLICANT = some_characteristics()
EXTREMES = (
    some_characteristics(annual_inc=0.0, loan_amnt=1_000_000.0, dti=999.0, fico_range_low=300.0),
    some_characteristics(annual_inc=1e8, loan_amnt=0.01, dti=0.0, fico_range_low=850.0, revol_util=0.0),
    some_characteristics(inq_last_6mths=100.0, delinq_2yrs=100.0, pub_rec=100.0, revol_util=1000.0, term=60.0),
    some_characteristics(emp_length=NOT_GIVEN, revol_util=NOT_GIVEN),
    some_characteristics(home_ownership="ANY", purpose="educational"),
    some_characteristics(home_ownership="a tent", purpose="a whim"),
)


@cache
def champion() -> ModelBundle:
    return load_bundle(CHAMPION, PERSONAL_LOAN)


@cache
def applicants(count: int = 300) -> tuple[Characteristics, ...]:
    """Varied applicants: values exactly at thresholds, missing fields and unknown categories."""
    manifest = champion().manifest
    chance = np.random.default_rng(7)
    rows = np.empty((500, len(PERSONAL_LOAN.characteristic_names)))
    for index, name in enumerate(PERSONAL_LOAN.characteristic_names):
        if name in manifest.categories:
            rows[:, index] = chance.integers(0, len(manifest.categories[name]), len(rows))
        else:
            bounds = training_ranges()[name]
            rows[:, index] = np.round(chance.uniform(0.8 * bounds.low, 1.1 * bounds.high, len(rows)))
    tried = stress_rows(champion(), rows, seed=11, count=count)
    return (
        *EXTREMES,
        *(decode_row(row, PERSONAL_LOAN, manifest.categories, unseen="never heard of") for row in tried),
    )


@pytest.fixture(params=[TableCreditModel, LightGBMCreditModel])
def model(request: pytest.FixtureRequest) -> CreditModel:
    return request.param(champion())


def test_a_model_reports_its_version(model: CreditModel) -> None:
    assert model.version.version == champion().manifest.model_version
    assert model.version.fingerprint == champion().fingerprint
    assert len(model.version.fingerprint) == 64


def test_the_reference_profile_has_a_value_for_each_characteristic(model: CreditModel) -> None:
    for cut_off in (0.001, 0.14, 0.999):
        profile = model.reference_profile(cut_off)
        assert len(profile) == len(PERSONAL_LOAN.characteristics)
        assert all(isfinite(part) for part in profile)
    assert model.reference_profile(0.14) == model.reference_profile(0.14) != model.reference_profile(0.1)


def test_no_prediction_is_outside_the_range_of_the_model(model: CreditModel) -> None:
    lowest, highest = model.log_odds_range()
    predicted = [model.predict(applicant).log_odds for applicant in applicants()]
    assert lowest <= min(predicted) < max(predicted) <= highest
    assert (whole_points(highest), whole_points(lowest)) == (351, 632)


def test_log_odds_pd_and_interval_are_consistent(model: CreditModel) -> None:
    for applicant in applicants():
        prediction = model.predict(applicant)
        pd = prediction.pd.value
        assert isclose(log(pd / (1 - pd)), prediction.log_odds, abs_tol=TOLERANCE)
        assert prediction.interval.low < pd < prediction.interval.high


def test_contributions_and_base_add_up_to_the_log_odds(model: CreditModel) -> None:
    for applicant in applicants():
        prediction = model.predict(applicant)
        assert len(prediction.contributions) == len(PERSONAL_LOAN.characteristic_names)
        total = prediction.base + sum(prediction.contributions)
        assert isclose(total, prediction.log_odds, abs_tol=TOLERANCE)


def test_another_replica_returns_the_same_bits_for_an_applicant(model: CreditModel) -> None:
    replica = type(model)(load_bundle(CHAMPION, PERSONAL_LOAN))
    for applicant in applicants()[:60]:
        assert replica.predict(applicant) == model.predict(applicant)


def test_predictions_of_a_batch_equal_single_predictions_bit_for_bit(model: CreditModel) -> None:
    some = applicants()[:60]
    assert list(model.predict_all(some)) == [model.predict(applicant) for applicant in some]
    assert not model.predict_all([])


def test_risks_of_a_batch_equal_single_risks(model: CreditModel) -> None:
    some = applicants()[:20]
    assert list(model.risks_by_amount(some)) == [model.risk_by_amount(applicant) for applicant in some]
    assert not model.risks_by_amount([])


def test_the_risk_at_an_amount_equals_its_prediction(model: CreditModel) -> None:
    for applicant in applicants()[:60]:
        risk = model.risk_by_amount(applicant)
        for amount in (25.0, applicant[PERSONAL_LOAN.amount_place], 5_000.0, 12_025.0, 35_000.0, 1_000_000.0):
            request = PERSONAL_LOAN.changed_inputs(applicant, {"loan_amnt": amount})
            assert risk.at(amount) == model.predict(request).log_odds


def test_the_risk_changes_at_the_same_amounts_as_the_prediction(model: CreditModel) -> None:
    cuts = champion().tables.thresholds_of(PERSONAL_LOAN.inputs.index("loan_amnt"))
    amounts = np.sort([*cuts, *np.nextafter(cuts, 0.0), *np.nextafter(cuts, np.inf)]).tolist()
    for applicant in applicants()[:4]:
        risk = model.risk_by_amount(applicant)
        predicted = [
            model.predict(PERSONAL_LOAN.changed_inputs(applicant, {"loan_amnt": amount})).log_odds
            for amount in amounts
        ]
        assert [risk.at(amount) for amount in amounts] == predicted


@pytest.mark.parametrize("name", PERSONAL_LOAN.directions)
def test_risk_is_monotone_in_the_expected_directions(model: CreditModel, name: str) -> None:
    bounds = training_ranges()[name]
    cuts = champion().tables.thresholds_of(PERSONAL_LOAN.inputs.index(name))[1:]
    values = sorted({0.0, bounds.low, *cuts.tolist(), *np.nextafter(cuts, np.inf).tolist(), 2 * bounds.high})
    for applicant in (APPLICANT, *applicants()[:3]):
        risks = [
            model.predict(PERSONAL_LOAN.changed_inputs(applicant, {name: value})).log_odds for value in values
        ]
        steps = PERSONAL_LOAN.directions[name] * np.diff(risks)
        assert steps.min() >= -1e-12
        assert steps.max() >= 0


def test_most_characteristics_affect_the_prediction(model: CreditModel) -> None:
    largest = np.abs([model.predict(applicant).contributions for applicant in applicants()]).max(axis=0)
    assert (largest > 1e-3).sum() >= 10


def test_characteristics_outside_the_training_range_are_named(model: CreditModel) -> None:
    assert model.predict(APPLICANT).out_of_domain == ()
    unusual = some_characteristics(annual_inc=1_000.0, purpose="a whim", dti=400.0)
    assert model.predict(unusual).out_of_domain == ("annual_inc", "purpose", "dti")


def test_what_is_safer_than_any_training_loan_is_not_out_of_domain(model: CreditModel) -> None:
    safe = some_characteristics(annual_inc=9e6, loan_amnt=500.0, fico_range_low=850.0, dti=0.0, revol_util=0.0)
    assert model.predict(safe).out_of_domain == ()


def test_a_bundle_of_layout_2_flags_both_sides_as_before() -> None:
    bundle = parse_champion(champion_of_layout_2(), "champion 1.1.0", PERSONAL_LOAN)
    before = TableCreditModel(bundle)
    assert before.version.fingerprint == "fd549fb2f273c000c1e22baac84415af45106fbe3fdca6e1f09c137e2bda0aad"
    assert before.predict(some_characteristics(annual_inc=9e6)).out_of_domain == ("annual_inc",)


def test_missing_utilization_counts_as_the_usual_one(model: CreditModel) -> None:
    usual = champion().manifest.stand_ins["revol_util"]
    missing, given = (
        model.predict(some_characteristics(revol_util=value, annual_inc=41_000.0)) for value in (NOT_GIVEN, usual)
    )
    assert missing == given


def test_only_missing_utilization_is_predicted_otherwise_than_by_the_champion_before() -> None:
    before = TableCreditModel(parse_champion(champion_of_layout_2(), "champion 1.1.0", PERSONAL_LOAN))
    now, differing = TableCreditModel(champion()), 0
    place = PERSONAL_LOAN.inputs.index("revol_util")
    for applicant in applicants():
        same = now.predict(applicant).contributions == before.predict(applicant).contributions
        assert same or isnan(applicant[place])
        differing += not same
    assert differing > 5


def test_a_missing_field_is_not_out_of_domain(model: CreditModel) -> None:
    incomplete = some_characteristics(emp_length=NOT_GIVEN, revol_util=NOT_GIVEN)
    assert model.predict(incomplete).out_of_domain == ()


def test_tables_and_trees_agree_on_everything() -> None:
    tables, trees = TableCreditModel(champion()), LightGBMCreditModel(champion())
    for applicant in applicants():
        by_tables, by_trees = tables.predict(applicant), trees.predict(applicant)
        assert isclose(by_tables.log_odds, by_trees.log_odds, abs_tol=TOLERANCE)
        assert isclose(by_tables.base, by_trees.base, abs_tol=TOLERANCE)
        assert np.allclose(by_tables.contributions, by_trees.contributions, rtol=0, atol=TOLERANCE)
        assert by_tables.out_of_domain == by_trees.out_of_domain


def test_contributions_of_tables_add_up_exactly() -> None:
    tables = TableCreditModel(champion())
    for applicant in applicants():
        prediction = tables.predict(applicant)
        backwards = sum(reversed(prediction.contributions)) + prediction.base
        assert prediction.base + sum(prediction.contributions) == prediction.log_odds == backwards
