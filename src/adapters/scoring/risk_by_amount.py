"""Risk by the amount of the loan, all else as given: the log-odds for every cell of the amount at once.

A tree tests the amount at one or two places, so that from one cell to the next only few trees change their leaf.
The leaves of the first cell are looked up for all trees, then for each cell the leaves of the trees that change
there, before and after; the sums run on from cell to cell in whole units, to the same bits as any other way.
"""

import numpy as np

from adapters.scoring.fixed_point import UNIT
from adapters.scoring.tables import AMOUNT, Tables


class RiskByAmount:
    """Built once for a bundle's tables; `intercept` in fixed point."""

    def __init__(self, tables: Tables, intercept: int) -> None:
        by_cell = tables.steps[tables.first_cell[AMOUNT] : tables.first_cell[AMOUNT + 1]].astype(np.int64)
        cells, trees = np.nonzero(by_cell[1:] != by_cell[:-1])
        first = tables.first_state[:-1].astype(np.int64)
        every = np.arange(tables.tree_count)
        self._tree = np.concatenate((every, trees, trees))
        self._state = np.concatenate(
            (
                first + by_cell[0],
                first[trees] + by_cell[cells, trees],
                first[trees] + by_cell[cells + 1, trees],
            )
        )
        self._leaves, self._intercept = tables.leaves, intercept
        self._first, self._after = len(every), len(every) + len(trees)
        changing, self._changes = np.unique(cells, return_index=True)
        self._sums = np.zeros(len(by_cell), np.int64)
        self._changing = changing + 1

    def log_odds(self, steps_but_amount: bytes) -> list[float]:
        """The calibrated log-odds for each cell of the amount, given the steps for all else, a byte a tree."""
        steps = np.frombuffer(steps_but_amount, np.uint8)
        leaves = self._leaves.take(self._state + steps.take(self._tree))
        changes = leaves[self._after :] - leaves[self._first : self._after]
        sums = self._sums.copy()
        sums[0] = self._intercept + np.add.reduce(leaves[: self._first])
        if len(changes):
            sums[self._changing] = np.add.reduceat(changes, self._changes)
        log_odds: list[float] = (np.add.accumulate(sums) * UNIT).tolist()
        return log_odds
