"""The reference profile for reasons: average contributions of applicants who are just approved.

Regulation B's comment 9(b)(2)-5 names the average of applicants at or just above the cut-off as a permissible
basis of comparison. Here these are the riskiest share of the loans with a PD below the approval cut-off.
"""

import numpy as np

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.training_population import weighted_quantile

MARGINAL_SHARE = 0.15
"""The share of approved applicants, next to the cut-off, that is averaged."""


def reference_profile(
    pd: Floats, contributions: Floats, weight: Floats, approve_below: float
) -> tuple[float, ...]:
    """The weighted mean contribution of each characteristic, in log-odds."""
    passing = pd < approve_below
    if not passing.any():
        passing = np.ones(len(pd), dtype=np.bool_)
    edge = weighted_quantile(pd[passing], weight[passing], 1.0 - MARGINAL_SHARE)
    near = passing & (pd >= edge)
    return tuple(np.average(contributions[near], axis=0, weights=weight[near]).tolist())
