"""Compiles LightGBM's trees and a calibration to tables of fixed-point constants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.bundles.manifest import Calibration
from adapters.scoring.compiling.lightgbm_text import Tree, UnsupportedTree, read_trees
from adapters.scoring.compiling.shapley import shapley_values
from adapters.scoring.fixed_point import Fixed, to_fixed
from adapters.scoring.tables import Tables
from domain.products.product_definition import ProductDefinition

MAX_STATES = 256
"""A state's number within its tree must fit into a byte; depth 3 gives at most 128 states."""


NO_STAND_INS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class CompiledTrees:
    """Tables, their constants in fixed point, and how many trees (the first ones) never test the amount."""

    tables: Tables
    base: int
    intercept: int
    trees_without_amount: int


def compile_tables(
    text: str, calibration: Calibration, product: ProductDefinition, stand_ins: Mapping[str, float] = NO_STAND_INS
) -> CompiledTrees:
    """The tables of LightGBM's trees, including the calibration.

    A missing number counts as its stand-in, if it has one; else as the trees decide.
    """
    amount, characteristics = product.amount_place, range(len(product.characteristic_names))
    trees = sorted(read_trees(text), key=lambda tree: _tests(tree, amount))
    cells = [_representatives(trees, index, product, stand_ins) for index in characteristics]
    first_cell = np.cumsum([0] + [len(values) for values in cells])
    thresholds = [_thresholds(trees, index, product) for index in characteristics]
    compiled = [_compile_tree(tree, cells, calibration.slope) for tree in trees]
    leaves = [leaf for _, leaf, _, _ in compiled]
    intercept = int(to_fixed(np.array(calibration.intercept)))
    tables = Tables(
        thresholds=np.concatenate(thresholds),
        first_threshold=np.cumsum([0] + [len(cuts) for cuts in thresholds]).astype(np.int32),
        first_cell=first_cell.astype(np.int32),
        steps=np.ascontiguousarray(np.stack([steps for steps, *_ in compiled], axis=1)),
        first_state=np.cumsum([0] + [len(leaf) for leaf in leaves]).astype(np.int32),
        leaves=np.concatenate(leaves),
        contributions=np.concatenate([values for _, _, values, _ in compiled]),
    )
    tables.check(product)
    return CompiledTrees(
        tables=tables,
        base=intercept + sum(expectation for *_, expectation in compiled),
        intercept=intercept,
        trees_without_amount=sum(not _tests(tree, amount) for tree in trees),
    )


def _tests(tree: Tree, characteristic: int) -> bool:
    return any(test.characteristic == characteristic for test in tree.tests)


def _thresholds(trees: Sequence[Tree], characteristic: int, product: ProductDefinition) -> NDArray[np.float64]:
    if product.characteristic_names[characteristic] in product.categorical_names:
        return np.empty(0)
    cuts = {test.threshold for tree in trees for test in tree.tests if test.characteristic == characteristic}
    return np.array([-np.inf, *sorted(cuts)])


def _representatives(
    trees: Sequence[Tree], characteristic: int, product: ProductDefinition, stand_ins: Mapping[str, float]
) -> list[float]:
    """One value for each cell: NaN or its stand-in, a number in each interval (its upper end), or each code."""
    name = product.characteristic_names[characteristic]
    if name in product.categorical_names:
        return [float("nan"), *(float(code) for code in range(len(product.categories[name])))]
    missing = stand_ins.get(name, float("nan"))
    return [missing, *(float(cut) for cut in _thresholds(trees, characteristic, product)[1:]), float("inf")]


def _compile_tree(
    tree: Tree, cells: Sequence[Sequence[float]], slope: float
) -> tuple[NDArray[np.uint8], Fixed, Fixed, int]:
    """Steps (cells,), leaves (states,), contributions (states, characteristics) and expectation of one tree."""
    players = tuple(sorted({test.characteristic for test in tree.tests}))
    kinds = {player: _kinds(tree, player, cells[player]) for player in players}
    states = list(product(*(sorted(set(kinds[player])) for player in players)))
    if len(states) > MAX_STATES:
        raise UnsupportedTree(f"a tree has {len(states)} states; tables hold {MAX_STATES}: use shallower trees")
    answers = np.array([_answers(tree, players, state) for state in states], dtype=np.bool_)
    values, leaves, expectation = shapley_values(tree, players, answers.reshape(len(states), len(tree.tests)))
    fixed_leaves = to_fixed(slope * leaves)
    fixed_expectation = int(to_fixed(np.array(slope * expectation)))
    contributions = np.zeros((len(states), len(cells)), dtype=np.int64)
    contributions[:, players] = _summing_to(to_fixed(slope * values), fixed_leaves - fixed_expectation)
    return _steps(players, kinds, cells), fixed_leaves, contributions, fixed_expectation


def _kinds(tree: Tree, player: int, values: Sequence[float]) -> list[tuple[bool, ...]]:
    """The results of the tree's tests of this characteristic by cell; cells with equal results are equivalent."""
    tests = [test for test in tree.tests if test.characteristic == player]
    return [tuple(test.holds(value) for test in tests) for value in values]


def _answers(tree: Tree, players: tuple[int, ...], state: Sequence[tuple[bool, ...]]) -> list[bool]:
    remaining = {player: iter(kind) for player, kind in zip(players, state, strict=True)}
    return [next(remaining[test.characteristic]) for test in tree.tests]


def _steps(
    players: tuple[int, ...], kinds: Mapping[int, list[tuple[bool, ...]]], cells: Sequence[Sequence[float]]
) -> NDArray[np.uint8]:
    """How far each cell moves the state's number: mixed radix, with the last characteristic varying fastest."""
    columns = [np.zeros(len(values), dtype=np.uint8) for values in cells]
    stride = 1
    for player in reversed(players):
        order = sorted(set(kinds[player]))
        columns[player] = np.array([stride * order.index(kind) for kind in kinds[player]], dtype=np.uint8)
        stride *= len(order)
    return np.concatenate(columns)


def _summing_to(values: Fixed, totals: Fixed) -> Fixed:
    """Contributions that add up exactly to the totals: the largest of each state absorbs the rounding."""
    if values.shape[1] == 0:
        return values
    adjusted = values.copy()
    largest = np.abs(values).argmax(axis=1)
    adjusted[np.arange(len(values)), largest] += totals - values.sum(axis=1)
    return adjusted
