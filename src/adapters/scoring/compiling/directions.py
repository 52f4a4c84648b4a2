"""Proves on the tables, for every possible applicant, that risk is monotone where lending requires it.

If every single tree is monotone, so is their sum. The search for the largest amount relies on it.
"""

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.tables import Tables
from domain.products.product_definition import ProductDefinition


class WrongDirection(Exception):
    """The PD falls where it must rise, or rises where it must fall."""


def check_directions(tables: Tables, product: ProductDefinition) -> None:
    """Raises WrongDirection. Missing values (cell 0) are not part of the order."""
    for tested, (name, direction) in enumerate((each.name, each.direction) for each in product.characteristics):
        if not direction:
            continue
        violations = [
            tree for tree in range(tables.tree_count) if not _is_monotone(tables, tree, tested, direction)
        ]
        if violations:
            raise WrongDirection(
                f"{len(violations)} of {tables.tree_count} trees move the PD the wrong way with {name}: use "
                "another method of monotone constraints"
            )


def _is_monotone(tables: Tables, tree: int, tested: int, direction: int) -> bool:
    moves = _steps(tables, tested, tree)[1:]
    others = np.zeros(1, dtype=np.int64)
    for index in range(tables.width):
        if index != tested:
            others = (others[:, None] + np.unique(_steps(tables, index, tree))).ravel()
    states = tables.first_state[tree] + others[:, None] + moves[None, :]
    return bool(np.all(direction * np.diff(tables.leaves[states], axis=1) >= 0))


def _steps(tables: Tables, index: int, tree: int) -> NDArray[np.int64]:
    return tables.steps[tables.first_cell[index] : tables.first_cell[index + 1], tree].astype(np.int64)
