"""Trees compile to tables with exact contributions of LightGBM's trees, or are refused with a clear error."""

from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
import pytest

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.bundles.manifest import Calibration
from adapters.scoring.compiling.agreement import TablesDisagree, check_agreement
from adapters.scoring.compiling.compile_tables import compile_tables
from adapters.scoring.compiling.directions import WrongDirection, check_directions
from adapters.scoring.compiling.lightgbm_text import UnsupportedTree, read_trees
from adapters.scoring.compiling.shapley import shapley_values
from adapters.scoring.fixed_point import UNIT, FixedPointOverflow, exact_floats, to_fixed
from adapters.scoring.lightgbm_credit_model import LightGBMCreditModel
from adapters.scoring.tables import TablesInconsistent
from adapters.scoring.training.fitting.boosting import TreeSettings, grow
from adapters.scoring.training.fitting.development_sample import DevelopmentSample, development_sample
from domain.products.personal_loan import PERSONAL_LOAN

AS_IS = Calibration(slope=1.0, intercept=0.0)

STUMP = """tree
version=v4

Tree=0
num_leaves=2
num_cat=0
split_feature=6
threshold=700
decision_type=2
left_child=-1
right_child=-2
leaf_value=0.5 -0.25
leaf_count=30 10
internal_count=40
is_linear=0

end of trees
"""


@pytest.fixture(scope="module")
def sample(loans: pl.DataFrame) -> DevelopmentSample:
    return development_sample(loans, PERSONAL_LOAN)[0]


def test_contributions_of_a_stump_agree_with_a_hand_calculation() -> None:
    """Expected leaf (30 * 0.5 + 10 * -0.25) / 40 = 0.3125, so FICO contributes 0.1875 or -0.5625."""
    compiled = compile_tables(STUMP, AS_IS, PERSONAL_LOAN)
    assert compiled.base * UNIT == 0.3125
    fico = PERSONAL_LOAN.characteristic_names.index("fico_range_low")
    assert sorted((compiled.tables.contributions[:, fico] * UNIT).tolist()) == [-0.5625, 0.1875]
    assert compiled.tables.contributions.sum() == compiled.tables.contributions[:, fico].sum()


def test_shapley_values_divide_a_joint_effect_equally() -> None:
    """A tree of FICO, then debt, over equal halves: by hand, v(both) = 1, v(either) = 1/2, v(none) = 1/4."""
    text = STUMP.replace("num_leaves=2", "num_leaves=3").replace("split_feature=6", "split_feature=6 7")
    text = text.replace("threshold=700", "threshold=700 20").replace("decision_type=2", "decision_type=2 2")
    text = text.replace("left_child=-1", "left_child=1 -1").replace("right_child=-2", "right_child=-2 -3")
    text = text.replace("leaf_value=0.5 -0.25", "leaf_value=1 0 0").replace(
        "leaf_count=30 10", "leaf_count=10 20 10"
    )
    (tree,) = read_trees(text.replace("internal_count=40", "internal_count=40 20"))
    values, leaves, expectation = shapley_values(tree, (6, 7), np.array([[True, True]]))
    assert leaves.tolist() == [1.0]
    assert expectation == 0.25
    assert values.tolist() == [[0.375, 0.375]]


def test_contributions_of_every_state_add_up_to_its_leaf(sample: DevelopmentSample) -> None:
    text = grow(sample, TreeSettings(trees=15, least_loans_in_leaf=20), 3).model_to_string()
    compiled = compile_tables(text, Calibration(slope=0.9371, intercept=-0.1), PERSONAL_LOAN)
    tables = compiled.tables
    expectations = tables.leaves - tables.contributions.sum(axis=1)
    for tree in range(tables.tree_count):
        own = expectations[tables.first_state[tree] : tables.first_state[tree + 1]]
        assert len(set(own.tolist())) == 1
    firsts = expectations[tables.first_state[:-1]]
    assert firsts.sum() + compiled.intercept == compiled.base


def test_trees_that_test_the_amount_are_last(champion: ModelBundle) -> None:
    tables, fixed = champion.tables, champion.manifest.trees_without_amount
    amount = PERSONAL_LOAN.characteristic_names.index("loan_amnt")
    cells = tables.steps[tables.first_cell[amount] : tables.first_cell[amount + 1]]
    assert 0 < fixed < tables.tree_count
    assert not cells[:, :fixed].any()
    assert cells[:, fixed:].any(axis=0).all()


def test_a_model_that_never_splits_is_a_constant() -> None:
    text = "tree\n\nTree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=-1.5\nis_linear=0\n\nend of trees\n"
    compiled = compile_tables(text, AS_IS, PERSONAL_LOAN)
    assert compiled.base * UNIT == -1.5
    assert not compiled.tables.contributions.any()


def test_trees_with_too_many_states_are_refused(sample: DevelopmentSample) -> None:
    deep = grow(sample, TreeSettings(trees=5, depth=7, least_loans_in_leaf=5), 3).model_to_string()
    with pytest.raises(UnsupportedTree, match="use shallower trees"):
        compile_tables(deep, AS_IS, PERSONAL_LOAN)


def test_the_reference_model_supports_trees_of_any_depth(
    small_bundle: ModelBundle, sample: DevelopmentSample
) -> None:
    deep = grow(sample, TreeSettings(trees=5, depth=7, least_loans_in_leaf=5), 3).model_to_string()
    model = LightGBMCreditModel(replace(small_bundle, trees=deep))
    applicant = (5e4, 5.0, "RENT", 1e4, 36.0, "car", 700.0, 15.5, 25.0, 2.0, 0.0, 0.0)
    prediction = model.predict(applicant)
    assert prediction.base + sum(prediction.contributions) == pytest.approx(prediction.log_odds, abs=1e-9)
    assert model.risk_by_amount(applicant).at(1e4) == prediction.log_odds


@pytest.mark.parametrize(("old", "new"), [("is_linear=0", "is_linear=1"), ("decision_type=2", "decision_type=6")])
def test_unsupported_kinds_of_trees_are_refused(old: str, new: str) -> None:
    with pytest.raises(UnsupportedTree):
        compile_tables(STUMP.replace(old, new), AS_IS, PERSONAL_LOAN)


def test_missing_values_are_handled_as_in_lightgbm(sample: DevelopmentSample) -> None:
    """For training data with missing values, without any, and with a mostly missing number."""
    encoded = sample.encoded.copy()
    encoded[::3, PERSONAL_LOAN.characteristic_names.index("dti")] = np.nan
    gappy = replace(sample, encoded=encoded)
    booster = grow(gappy, TreeSettings(trees=20, least_loans_in_leaf=10), 2)
    compiled = compile_tables(booster.model_to_string(), AS_IS, PERSONAL_LOAN)
    rows = encoded[:200].copy()
    rows[np.random.default_rng(1).random(rows.shape) < 0.3] = np.nan
    for row, expected in zip(rows, booster.predict(rows, pred_contrib=True), strict=True):
        cells = []
        for index, value in enumerate(row):
            cuts = compiled.tables.thresholds_of(index)
            place = (cuts < value).sum() if len(cuts) else (0 if np.isnan(value) else int(value) + 1)
            cells.append(compiled.tables.first_cell[index] + place)
        states = compiled.tables.first_state[:-1] + compiled.tables.steps[cells].sum(axis=0, dtype=np.int64)
        found = compiled.tables.contributions[states].sum(axis=0) * UNIT
        assert np.allclose(found, expected[:-1], rtol=0, atol=1e-9)


def test_tables_of_other_trees_fail_the_check(small_bundle: ModelBundle, sample: DevelopmentSample) -> None:
    trees = grow(sample, TreeSettings(trees=12, least_loans_in_leaf=20), 99).model_to_string()
    with pytest.raises(TablesDisagree, match="differ by"):
        check_agreement(replace(small_bundle, trees=trees), sample.encoded, seed=1, count=50)


def test_a_base_off_by_one_unit_fails_the_check(small_bundle: ModelBundle, sample: DevelopmentSample) -> None:
    manifest = msgspec.structs.replace(small_bundle.manifest, intercept=small_bundle.manifest.intercept + 1)
    with pytest.raises(TablesDisagree, match="requested amount"):
        check_agreement(replace(small_bundle, manifest=manifest), sample.encoded, seed=1, count=5)


def test_numbers_too_large_for_fixed_point_are_refused() -> None:
    assert to_fixed(np.array([2.0**-45, -1.0])).tolist() == [1, -(2**45)]
    for wrong in (256.0, float("nan"), float("inf")):
        with pytest.raises(FixedPointOverflow):
            to_fixed(np.array([wrong]))


@pytest.mark.parametrize("name", ["thresholds", "steps", "leaves", "contributions", "first_state"])
def test_truncated_arrays_are_refused(champion: ModelBundle, name: str) -> None:
    with pytest.raises(TablesInconsistent):
        replace(champion.tables, **{name: getattr(champion.tables, name)[:-1]}).check(PERSONAL_LOAN)


def test_steps_beyond_the_last_state_are_refused(champion: ModelBundle) -> None:
    steps = champion.tables.steps.copy()
    steps[3, 0] = 255
    with pytest.raises(TablesInconsistent, match="beyond"):
        replace(champion.tables, steps=steps).check(PERSONAL_LOAN)


def test_unsorted_thresholds_are_refused(champion: ModelBundle) -> None:
    with pytest.raises(TablesInconsistent, match="rising"):
        replace(champion.tables, thresholds=champion.tables.thresholds[::-1].copy()).check(PERSONAL_LOAN)


def test_a_tree_that_violates_a_direction_is_detected() -> None:
    """The stump's PD falls as FICO rises, which violates the opposite direction only."""
    tables = compile_tables(STUMP, AS_IS, PERSONAL_LOAN).tables
    check_directions(tables, PERSONAL_LOAN)
    opposite = (
        replace(each, direction=1) if each.name == "fico_range_low" else each
        for each in PERSONAL_LOAN.characteristics
    )
    wrong = replace(PERSONAL_LOAN, characteristics=tuple(opposite))
    with pytest.raises(WrongDirection, match="1 of 1 trees move the PD the wrong way with fico_range_low"):
        check_directions(tables, wrong)


def test_the_champion_is_monotone(champion: ModelBundle) -> None:
    check_directions(champion.tables, PERSONAL_LOAN)


def test_sums_that_are_not_exact_as_floats_are_refused() -> None:
    states = np.array([[2**52, 1], [0, -1], [2**52 - 1, 3], [2**52, 2]], dtype=np.int64)
    exact = exact_floats(states[:3], np.array([0, 2, 3], dtype=np.int32))
    assert (exact[0] + exact[2]).tolist() == [(2**53 - 1) * UNIT, 4 * UNIT]
    with pytest.raises(FixedPointOverflow, match="exact"):
        exact_floats(states, np.array([0, 2, 4], dtype=np.int32))
