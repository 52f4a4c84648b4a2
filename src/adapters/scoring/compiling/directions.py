"""Proves on the tables, for every possible applicant, that risk is monotone where lending requires it.

If every single tree is monotone, so is their sum. The search for the largest amount relies on it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.tables import WIDTH, Tables
from domain.models.characteristics import CHARACTERISTIC_NAMES


class WrongDirection(Exception):
    """The PD falls where it must rise, or rises where it must fall."""


def check_directions(tables: Tables, directions: Mapping[str, int]) -> None:
    """Raises WrongDirection. Missing values (cell 0) are not part of the order."""
    for name, direction in directions.items():
        violations = [tree for tree in range(tables.tree_count) if not _is_monotone(tables, tree, name, direction)]
        if violations:
            raise WrongDirection(
                f"{len(violations)} of {tables.tree_count} trees move the PD the wrong way with {name}: use "
                "another method of monotone constraints"
            )


def _is_monotone(tables: Tables, tree: int, name: str, direction: int) -> bool:
    tested = CHARACTERISTIC_NAMES.index(name)
    moves = _steps(tables, tested, tree)[1:]
    others = np.zeros(1, dtype=np.int64)
    for index in range(WIDTH):
        if index != tested:
            others = (others[:, None] + np.unique(_steps(tables, index, tree))).ravel()
    states = tables.first_state[tree] + others[:, None] + moves[None, :]
    return bool(np.all(direction * np.diff(tables.leaves[states], axis=1) >= 0))


def _steps(tables: Tables, index: int, tree: int) -> NDArray[np.int64]:
    return tables.steps[tables.first_cell[index] : tables.first_cell[index + 1], tree].astype(np.int64)
