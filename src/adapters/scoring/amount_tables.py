"""Tables of the risk by loan amount: an applicant's log-odds in all cells of the amount together.

A tree tests the amount at one or two thresholds, so only few trees change their leaf from one cell to the next.
Their differences are precomputed for all states of the other characteristics. They are looked up together and
summed from cell to cell in integers, which gives the same bits as any other order.
"""

from collections.abc import Sequence

import numpy as np

from adapters.scoring.fixed_point import UNIT, Fixed
from adapters.scoring.tables import Tables


class AmountTables:
    """Built once for a bundle's tables; `amount` is the characteristic, and `intercept` is in fixed point.

    `cuts` are the amounts in dollars, rising, above which the risk may change.
    """

    def __init__(self, tables: Tables, amount: int, intercept: int) -> None:
        amount_steps = tables.steps[tables.first_cell[amount] : tables.first_cell[amount + 1]].astype(np.int64)
        cells, trees = np.nonzero(amount_steps[1:] != amount_steps[:-1])
        every = np.arange(tables.tree_count)
        before, after = (_leaves(tables, trees, amount_steps[cells + on, trees]) for on in (0, 1))
        adds = np.concatenate((_leaves(tables, every, amount_steps[0]), after - before))
        adds[0] += intercept
        changing, first_change = np.unique(cells, return_index=True)
        self.cuts: list[float] = tables.thresholds_of(amount)[changing].tolist()
        self._trees = tables.tree_count
        self._adds, self._tree = adds.ravel(), np.concatenate((every, trees))
        self._row = np.arange(len(adds)) * adds.shape[1]
        self._starts = np.concatenate(([0], len(every) + first_change))

    def log_odds(self, steps_without_amount: Sequence[bytes]) -> list[list[float]]:
        """Calibrated log-odds up to each cut and above the last, for each applicant.

        `steps_without_amount` are the steps of the other characteristics, one byte per tree.
        """
        steps = np.frombuffer(b"".join(steps_without_amount), np.uint8).reshape(-1, self._trees)
        adds = self._adds.take(self._row + steps.take(self._tree, axis=1))
        sums = np.add.accumulate(np.add.reduceat(adds, self._starts, axis=1), axis=1)
        log_odds: list[list[float]] = (sums * UNIT).tolist()
        return log_odds


def _leaves(tables: Tables, trees: Fixed, amount_steps: Fixed) -> Fixed:
    """The leaf of each tree at its amount step, for any sum of the other steps: (trees, sums).

    Beyond a tree's last state, which no applicant reaches, its last leaf is repeated.
    """
    states = np.diff(tables.first_state).astype(np.int64)
    state = amount_steps[:, None] + np.arange(states.max())
    return tables.leaves[tables.first_state[trees, None] + np.minimum(state, states[trees, None] - 1)]
