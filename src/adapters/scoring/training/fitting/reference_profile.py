"""The sums by PD band from which the reference profile of any policy is computed."""

import numpy as np

from adapters.scoring.fixed_point import Floats
from adapters.scoring.reference_profiles import BANDS
from adapters.scoring.training.rounding import round_significant


def reference_bands(pd: Floats, contributions: Floats, weight: Floats) -> Floats:
    """The sums of weights and of weighted contributions (log-odds) in each band: (bands, 1 + characteristics)."""
    band = np.minimum((pd * BANDS).astype(np.int64), BANDS - 1)
    columns = [weight, *(weight * column for column in contributions.T)]
    sums = np.stack([np.bincount(band, column, BANDS) for column in columns], axis=1)
    rounded: Floats = np.vectorize(round_significant, otypes=[np.float64])(sums)
    return rounded
