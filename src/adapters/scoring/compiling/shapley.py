"""Exact path-dependent Shapley values of a small tree, for every state of the tree.

The game is TreeSHAP's (Lundberg, Erion and Lee 2018, algorithm 1; LightGBM's `pred_contrib`): the worth of a set
of characteristics is the expected leaf when the tests of all others are weighted by numbers of training loans.
"""

from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.compiling.lightgbm_text import Tree
from adapters.scoring.fixed_point import Floats


def shapley_values(
    tree: Tree, players: tuple[int, ...], answers: NDArray[np.bool_]
) -> tuple[Floats, Floats, float]:
    """Contributions (states, players), leaves (states,) and expectation, in the trees' uncalibrated log-odds.

    `players` are the characteristics that the tree tests; `answers` (states, tests) are the tests' results by
    state.
    """
    worth = {known: _worth(tree, known, answers) for known in _subsets(players)}
    values = np.zeros((len(answers), len(players)))
    for column, player in enumerate(players):
        others = tuple(other for other in players if other != player)
        for known in _subsets(others):
            weight = factorial(len(known)) * factorial(len(others) - len(known)) / factorial(len(players))
            values[:, column] += weight * (worth[known | {player}] - worth[known])
    return values, worth[frozenset(players)], float(worth[frozenset()][0])


def _subsets(players: tuple[int, ...]) -> list[frozenset[int]]:
    sizes = range(len(players) + 1)
    return [frozenset(chosen) for size in sizes for chosen in combinations(players, size)]


def _worth(tree: Tree, known: frozenset[int], answers: NDArray[np.bool_]) -> Floats:
    def below(child: int) -> Floats:
        if child < 0:
            return np.full(len(answers), tree.leaves[~child])
        left, right = tree.left[child], tree.right[child]
        if tree.tests[child].characteristic in known:
            return np.where(answers[:, child], below(left), below(right))
        to_left, to_right = _count(tree, left), _count(tree, right)
        return (to_left * below(left) + to_right * below(right)) / (to_left + to_right)

    return below(0) if tree.tests else np.full(len(answers), tree.leaves[0])


def _count(tree: Tree, child: int) -> int:
    return tree.leaf_counts[~child] if child < 0 else tree.node_counts[child]
