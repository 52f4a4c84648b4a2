"""Reasons compare an applicant with those who just pass under the policy that decides, whatever its cut-off."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.scoring.bundles.bundle import (
    CHECKSUMS,
    REFERENCE_BANDS,
    BundleUnusable,
    ModelBundle,
    checksum_list,
    fingerprint_of,
    load_bundle,
    load_champion,
    parse_bundle,
)
from adapters.scoring.fixed_point import Floats
from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider
from adapters.scoring.portfolio.portfolio_tables import PortfolioTables
from adapters.scoring.reference_profiles import BandedReferenceProfiles
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.scoring.training.fitting.development_sample import development_sample
from adapters.scoring.training.fitting.reference_profile import reference_bands
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application
from support.other_models import champion_of_layout_1

FINGERPRINT_1_0_1 = "34dcbffd4b0da5ef574617ff14b82dda9771d07079db7d86386417cc53158373"
APPLICANT = PERSONAL_LOAN.characteristics_of(a_loan_application())
WITHOUT_RULES = replace(POLICY_1, version="without rules", rules=())


def profile_of(
    pd: Sequence[float], contributions: Sequence[float], weight: Sequence[float], cut_off: float
) -> float:
    """The profile of a model with one characteristic repeated."""
    columns = np.array(contributions)[:, None] * np.ones(len(PERSONAL_LOAN.characteristics))
    profile = BandedReferenceProfiles(reference_bands(np.array(pd), columns, np.array(weight))).for_cut_off(
        cut_off
    )
    assert profile == (profile[0],) * len(PERSONAL_LOAN.characteristics)
    return profile[0]


def test_the_profile_is_the_mean_of_the_riskiest_15_percent_that_pass() -> None:
    pd, contributions, weight = (
        [0.0105, 0.0505, 0.1395, 0.1385, 0.2],
        [0.0, 1.0, 2.0, 3.0, 4.0],
        [2, 2, 0.5, 0.5, 9],
    )
    at_14_percent = profile_of(pd, contributions, weight, 0.14)
    assert at_14_percent == pytest.approx((0.5 * 2 + 0.25 * 3) / 0.75, rel=1e-12)
    assert profile_of(pd, contributions, weight, 0.1) == pytest.approx(1.0, rel=1e-12)
    assert profile_of(pd, contributions, weight, 0.5) == pytest.approx(4.0, rel=1e-12)


def test_all_loans_are_used_if_none_passes() -> None:
    assert profile_of([0.3, 0.4], [1.0, 1.0], [1.0, 1.0], 0.14) == 1.0


def test_a_cut_off_inside_a_band_takes_its_share_of_the_band() -> None:
    pd, contributions = [0.1005, 0.1001, 0.1009, 0.0995], [1.0, 1.0, 1.0, 3.0]
    inside = profile_of(pd, contributions, [1.0, 1.0, 1.0, 100.0], 0.1005)
    assert inside == pytest.approx((1.5 * 1.0 + (0.15 * 101.5 - 1.5) * 3.0) / (0.15 * 101.5), rel=1e-9)


def just_passing(bundle: ModelBundle, loans: pl.DataFrame, cut_off: float) -> Floats:
    """The mean contributions of the riskiest 15 % of the loans that pass, from the loans themselves."""
    sample, _ = development_sample(loans, PERSONAL_LOAN)
    training = bundle.manifest.training
    recent = sample.issued >= np.datetime64(str(training["recent_from"]))
    weight = sample.weight * np.where(recent, float(training["recent_times"] or 1), 1.0)
    predicted = PortfolioTables(bundle).predict(sample.encoded)
    pd = 1 / (1 + np.exp(-predicted.log_odds))
    passing = np.flatnonzero(pd < cut_off)
    riskiest = passing[np.argsort(-pd[passing], kind="stable")]
    marginal = riskiest[np.cumsum(weight[riskiest]) <= 0.15 * weight[passing].sum()]
    mean: Floats = np.average(predicted.contributions[marginal], axis=0, weights=weight[marginal])
    return mean


@pytest.mark.parametrize("approve_below", [0.2, 0.3, 0.4])
def test_reasons_are_compared_with_the_just_passing_applicants_of_the_policy(
    small_bundle: ModelBundle, loans: pl.DataFrame, approve_below: float
) -> None:
    """At the cut-offs of other policies; single decisions have the same bits (test_portfolio_decider)."""
    policy = replace(WITHOUT_RULES, approve_below=approve_below, decline_from=approve_below)
    expected = just_passing(small_bundle, loans, approve_below)
    model = TableCreditModel(small_bundle)
    assert np.abs(model.reference_profile(approve_below) - expected).max() < 0.01
    of_policy_1 = np.array(model.reference_profile(POLICY_1.approve_below))
    decided = TablePortfolioDecider(small_bundle, policy).decide_now(rows_of(loans))
    stated = [codes.split("|")[0] for codes in decided.results(None)["reason_codes"]]
    clear = different = 0
    for row in np.flatnonzero(decided.block.outcome > 0):
        contributions = decided.block.contributions[row]
        first, second = np.argsort(expected - contributions)[:2]
        if (contributions - expected)[first] - (contributions - expected)[second] > 0.02:
            clear += 1
            different += int(np.argmin(of_policy_1 - contributions) != first)
            assert stated[row] == PERSONAL_LOAN.characteristics[first].reason
    assert clear > 200
    assert different > 20, "the profile of policy 1 would have stated the same reasons"


def test_a_bundle_of_layout_1_keeps_its_profile_and_every_bit_of_its_predictions(champion: ModelBundle) -> None:
    """The champion was trained again for the later layouts; its trees are those of 1.0.1."""
    files = champion_of_layout_1()
    assert fingerprint_of(files) == FINGERPRINT_1_0_1
    old = parse_bundle(files, "champion 1.0.1", PERSONAL_LOAN)
    assert (old.layout, champion.layout) == (1, 3)
    assert old.trees == champion.trees
    before, now = TableCreditModel(old), TableCreditModel(champion)
    prediction = now.predict(APPLICANT)
    assert before.predict(APPLICANT).contributions == prediction.contributions
    assert before.predict(APPLICANT).log_odds == prediction.log_odds
    profile = before.reference_profile(POLICY_1.approve_below)
    assert profile == before.reference_profile(0.05)
    assert profile[0] == -0.0232387239132
    assert np.abs(np.array(profile) - now.reference_profile(POLICY_1.approve_below)).max() < 0.01


def test_a_bundle_of_layout_1_cannot_decide_on_new_applications(tmp_path: Path) -> None:
    for name, content in champion_of_layout_1().items():
        (tmp_path / name).write_bytes(content)
    assert load_bundle(tmp_path, PERSONAL_LOAN).layout == 1
    with pytest.raises(BundleUnusable, match=r"layout 1.*one policy only.*same loans and seed.*scoring train"):
        load_champion(tmp_path, PERSONAL_LOAN)


@pytest.mark.parametrize("damage", ["shape", "no weight", "negative", "not finite"])
def test_unusable_sums_by_band_are_refused(small_bundle: ModelBundle, tmp_path: Path, damage: str) -> None:
    folder = Path(shutil.copytree(small_bundle.folder, tmp_path / "copy"))
    bands = np.load(folder / REFERENCE_BANDS)
    if damage == "shape":
        bands = bands[1:]
    elif damage == "no weight":
        bands[:, 0] = 0.0
    else:
        bands[100, 0] = {"negative": -1.0, "not finite": np.nan}[damage]
    np.save(folder / REFERENCE_BANDS, bands)
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.name != CHECKSUMS}
    (folder / CHECKSUMS).write_bytes(checksum_list(files))
    with pytest.raises(BundleUnusable, match=r"reference_bands\.npy: the sums by PD band"):
        load_bundle(folder, PERSONAL_LOAN)


def rows_of(loans: pl.DataFrame) -> pl.DataFrame:
    """Loans in the form of the file reader's accepted rows."""
    words = [name for name, dtype in loans.schema.items() if dtype == pl.String]
    enums = [pl.col(name).cast(pl.Enum(loans[name].unique(maintain_order=True).drop_nulls())) for name in words]
    return loans.with_columns(enums).with_row_index("row", offset=1)
