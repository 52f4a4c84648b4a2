"""Compiled tables: shallow trees represented as arrays.

The thresholds of all trees together divide every number into cells; a categorical characteristic has a cell per
word. In each tree, an applicant's cells select one state. The leaf and the exact contributions of a state are
constants.

    state of tree t  =  first_state[t] + sum over characteristics of steps[cell, t]
    log-odds         =  intercept + sum over trees of leaf[state]             (all in units of 2**-45)
    contributions    =  sum over trees of contributions[state]

Cell 0 of a characteristic means "not given" or "word never seen". NaN compares below every threshold (the first is
minus infinity), so a search by `<` finds cell 0.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import UNIT, Fixed, Floats
from domain.products.product_definition import ProductDefinition


class TablesInconsistent(ValueError):
    """The arrays are inconsistent."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The arrays; trees that never test the amount come first.

    `thresholds` (all,) with slice `first_threshold[c]:first_threshold[c + 1]` for characteristic c, empty for a
    categorical one; `first_cell` (characteristics + 1,); `steps` (cells, trees); `first_state` (trees + 1,);
    `leaves` (states,) and `contributions` (states, characteristics) in fixed point.
    """

    thresholds: Floats
    first_threshold: NDArray[np.int32]
    first_cell: NDArray[np.int32]
    steps: NDArray[np.uint8]
    first_state: NDArray[np.int32]
    leaves: Fixed
    contributions: Fixed

    @property
    def tree_count(self) -> int:
        return int(self.steps.shape[1])

    def thresholds_of(self, characteristic: int) -> Floats:
        """The sorted thresholds of a number, minus infinity first; empty for words."""
        return self.thresholds[self.first_threshold[characteristic] : self.first_threshold[characteristic + 1]]

    def log_odds_range(self, intercept: int) -> tuple[float, float]:
        """The sums of the smallest and of the largest leaves, which no log-odds can leave."""
        first = self.first_state[:-1]
        lowest, highest = np.minimum.reduceat(self.leaves, first), np.maximum.reduceat(self.leaves, first)
        return (intercept + int(lowest.sum())) * UNIT, (intercept + int(highest.sum())) * UNIT

    @property
    def width(self) -> int:
        """The number of characteristics."""
        return len(self.first_cell) - 1

    def check(self, product: ProductDefinition) -> None:
        """Raises TablesInconsistent if a lookup could read beyond an array, or the product has other inputs."""
        width = len(product.characteristic_names)
        shapes = {
            "thresholds": (int(self.first_threshold[-1]),),
            "first_threshold": (width + 1,),
            "first_cell": (width + 1,),
            "steps": (int(self.first_cell[-1]), len(self.first_state) - 1),
            "leaves": (int(self.first_state[-1]),),
            "contributions": (int(self.first_state[-1]), width),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise TablesInconsistent(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        self._check_cells(product)
        self._check_states()

    def _check_cells(self, product: ProductDefinition) -> None:
        for index, name in enumerate(product.characteristic_names):
            cuts = self.thresholds_of(index)
            cells = int(self.first_cell[index + 1] - self.first_cell[index])
            sorted_from_below = len(cuts) > 0 and cuts[0] == -np.inf and bool(np.all(np.diff(cuts) > 0))
            if name in product.categorical_names:
                if len(cuts) or cells < 1:
                    raise TablesInconsistent(f"{name} is categorical and must have cells and no thresholds")
            elif not sorted_from_below or cells != len(cuts) + 1:
                raise TablesInconsistent(
                    f"{name} must have rising thresholds from minus infinity and one cell more"
                )

    def _check_states(self) -> None:
        furthest = np.zeros(self.tree_count, dtype=np.int64)
        for index in range(self.width):
            cells = self.steps[self.first_cell[index] : self.first_cell[index + 1]]
            furthest += cells.max(axis=0).astype(np.int64)
        if not bool(np.all(furthest < np.diff(self.first_state))):
            raise TablesInconsistent("steps lead beyond the states of a tree")


DTYPES = {
    "thresholds": np.dtype("<f8"),
    "first_threshold": np.dtype("<i4"),
    "first_cell": np.dtype("<i4"),
    "steps": np.dtype("u1"),
    "first_state": np.dtype("<i4"),
    "leaves": np.dtype("<i8"),
    "contributions": np.dtype("<i8"),
}
"""The arrays of a bundle and their types, in order."""

ARRAY_NAMES = tuple(field.name for field in fields(Tables))
