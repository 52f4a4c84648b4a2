"""Checks that tables and LightGBM agree. A new bundle that fails the check is not written."""

import numpy as np

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.encoding import decode_row
from adapters.scoring.fixed_point import Floats
from adapters.scoring.lightgbm_credit_model import LightGBMCreditModel
from adapters.scoring.table_credit_model import TableCreditModel

TOLERANCE = 1e-9


class TablesDisagree(Exception):
    """The compiled tables differ from the trees that they were compiled from."""


def stress_rows(bundle: ModelBundle, loans: Floats, seed: int, count: int) -> Floats:
    """Encoded rows (count, inputs) to test: loans, mixed loans, exact thresholds, missing and unseen values."""
    rng = np.random.default_rng(seed)
    rows = loans[rng.integers(0, len(loans), count)].copy()
    for index, name in enumerate(bundle.manifest.characteristics):
        mixed = rng.random(count) < 0.3
        rows[mixed, index] = loans[rng.integers(0, len(loans), int(mixed.sum())), index]
        cuts = bundle.tables.thresholds_of(index)[1:]
        if len(cuts):
            hit = rng.random(count) < 0.2
            exact = rng.choice(cuts, int(hit.sum()))
            rows[hit, index] = np.where(rng.random(len(exact)) < 0.5, exact, np.nextafter(exact, np.inf))
        elif name in bundle.manifest.categories:
            unseen = rng.random(count) < 0.2
            rows[unseen, index] = rng.integers(0, len(bundle.manifest.categories[name]), int(unseen.sum()))
        if name in bundle.manifest.categories or bundle.product.may_be_missing(name):
            rows[rng.random(count) < 0.1, index] = np.nan
    return rows


def check_agreement(bundle: ModelBundle, loans: Floats, *, seed: int, count: int = 2000) -> float:
    """The largest difference in log-odds, base or contributions. Raises TablesDisagree above the tolerance."""
    tables, lightgbm = TableCreditModel(bundle), LightGBMCreditModel(bundle)
    worst = 0.0
    for row in stress_rows(bundle, loans, seed, count):
        applicant = decode_row(row, bundle.product, bundle.manifest.categories)
        by_tables, by_lightgbm = tables.predict(applicant), lightgbm.predict(applicant)
        table_values = (by_tables.log_odds, by_tables.base, *by_tables.contributions)
        lightgbm_values = (by_lightgbm.log_odds, by_lightgbm.base, *by_lightgbm.contributions)
        worst = max(worst, *(abs(left - right) for left, right in zip(table_values, lightgbm_values, strict=True)))
        if sum(by_tables.contributions) + by_tables.base != by_tables.log_odds:
            raise TablesDisagree(f"contributions do not add up to the log-odds for {applicant}")
        if tables.risk_by_amount(applicant).at(applicant[bundle.product.amount_place]) != by_tables.log_odds:
            raise TablesDisagree(f"the risk at the requested amount differs from the prediction for {applicant}")
    if not worst <= TOLERANCE:
        raise TablesDisagree(f"tables and trees differ by {worst:.3g}, more than {TOLERANCE:g}")
    return worst
