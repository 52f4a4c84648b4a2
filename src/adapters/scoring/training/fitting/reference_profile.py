"""The reference profile for reasons: average contributions of applicants who just pass.

Regulation B's comment 9(b)(2)-5 names the average of applicants at or just above the cut-off as one to compare
with. Here: the loans with a PD below the approve cut-off, the riskiest share of them.
"""

import numpy as np

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.fitting.training_population import weighted_quantile

JUST_PASSING = 0.15
"""Share of the passing applicants, those next to the cut-off."""


def reference_profile(
    pd: Floats, contributions: Floats, weight: Floats, approve_below: float
) -> tuple[float, ...]:
    """The weighted mean contribution of each characteristic, log-odds."""
    passing = pd < approve_below
    if not passing.any():
        passing = np.ones(len(pd), dtype=np.bool_)
    edge = weighted_quantile(pd[passing], weight[passing], 1.0 - JUST_PASSING)
    near = passing & (pd >= edge)
    return tuple(np.average(contributions[near], axis=0, weights=weight[near]).tolist())
