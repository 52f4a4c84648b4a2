"""Whether tables and LightGBM agree: checked whenever a bundle is made, and a bundle that fails is not written."""

import numpy as np

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.encoding import decode_row
from adapters.scoring.fixed_point import Floats
from adapters.scoring.lightgbm_credit_model import LightGBMCreditModel
from adapters.scoring.table_credit_model import TableCreditModel
from domain.models.characteristics import CHARACTERISTIC_NAMES

TOLERANCE = 1e-9


class TablesDisagree(Exception):
    """The compiled tables say something other than the trees they were made from."""


def trying_rows(bundle: ModelBundle, loans: Floats, seed: int, count: int) -> Floats:
    """Encoded rows (count, 12) that try hard: loans, loans mixed up, thresholds hit exactly, missing, unseen."""
    chance = np.random.default_rng(seed)
    rows = loans[chance.integers(0, len(loans), count)].copy()
    for index, name in enumerate(CHARACTERISTIC_NAMES):
        mixed = chance.random(count) < 0.3
        rows[mixed, index] = loans[chance.integers(0, len(loans), int(mixed.sum())), index]
        cuts = bundle.tables.thresholds_of(index)[1:]
        if len(cuts):
            hit = chance.random(count) < 0.2
            exact = chance.choice(cuts, int(hit.sum()))
            rows[hit, index] = np.where(chance.random(len(exact)) < 0.5, exact, np.nextafter(exact, np.inf))
        elif name in bundle.manifest.categories:
            strange = chance.random(count) < 0.2
            rows[strange, index] = chance.integers(0, len(bundle.manifest.categories[name]), int(strange.sum()))
        if name in ("emp_length", "revol_util", *bundle.manifest.categories):
            rows[chance.random(count) < 0.1, index] = np.nan
    return rows


def check_agreement(bundle: ModelBundle, loans: Floats, *, seed: int, count: int = 2000) -> float:
    """The largest difference in log-odds, base or contribution; `TablesDisagree` when above the tolerance."""
    by_table, by_trees = TableCreditModel(bundle), LightGBMCreditModel(bundle)
    worst = 0.0
    for row in trying_rows(bundle, loans, seed, count):
        applicant = decode_row(row, bundle.manifest.categories)
        ours, theirs = by_table.predict(applicant), by_trees.predict(applicant)
        mine = (ours.log_odds, ours.base, *ours.contributions)
        other = (theirs.log_odds, theirs.base, *theirs.contributions)
        worst = max(worst, *(abs(left - right) for left, right in zip(mine, other, strict=True)))
        if sum(ours.contributions) + ours.base != ours.log_odds:
            raise TablesDisagree(f"contributions do not add up to the log-odds for {applicant}")
        if by_table.risk_by_amount(applicant).at(applicant.loan_amnt) != ours.log_odds:
            raise TablesDisagree(f"the risk at the amount asked for is not the predicted one for {applicant}")
    if not worst <= TOLERANCE:
        raise TablesDisagree(f"tables and trees differ by {worst:.3g}, more than {TOLERANCE:g}")
    return worst
