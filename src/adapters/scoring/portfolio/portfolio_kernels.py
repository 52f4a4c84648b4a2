"""Loops over rows that numba compiles to machine code: integers only, until the last step."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import register_jitable

from adapters.scoring.fixed_point import UNIT, Fixed, Floats

_SETTINGS: Any = numba.config
"""Numba's settings, which it reads from the environment."""

_BLOCK = 64
"""Rows processed together."""

_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
_FLOAT_ROWS = types.Array(types.float64, 2, "C", readonly=True)
_INTS = types.Array(types.int32, 1, "C", readonly=True)
_BYTE_ROWS = types.Array(types.uint8, 2, "C", readonly=True)
_FIXED = types.Array(types.int64, 1, "C", readonly=True)
_FIXED_ROWS = types.Array(types.int64, 2, "C", readonly=True)
_LOOKUP = (_FLOATS, _INTS, _INTS, _BYTE_ROWS, _INTS)
_OUT = types.Array(types.float64, 1, "C")
_OUT_ROWS = types.Array(types.float64, 2, "C")
_SUMS_OUT = types.Array(types.int64, 1, "C")
_BYTES_OUT = types.Array(types.uint8, 2, "C")


@register_jitable
def cell_of(value: float, index: int, thresholds: Floats, first_threshold: Any, first_cell: Any) -> int:
    """The row of `steps` for a value, from the number of thresholds below it or from its code."""
    low, high = first_threshold[index], first_threshold[index + 1]
    if low == high:
        known = value >= 0.0 and value < first_cell[index + 1] - first_cell[index] - 1
        return int(first_cell[index] + (1 + int(value) if known else 0))
    while low < high:
        middle = (low + high) >> 1
        if thresholds[middle] < value:
            low = middle + 1
        else:
            high = middle
    return int(first_cell[index] + low - first_threshold[index])


def contributions_of_rows(  # noqa: PLR0917  # numba's compiled loops take no keywords
    rows: Floats,
    start: int,
    stop: int,
    thresholds: Floats,
    first_threshold: Any,
    first_cell: Any,
    steps: Any,
    first_state: Any,
    contributions: Fixed,
    base: int,
    log_odds_out: Floats,
    contributions_out: Floats,
) -> None:
    """Fill log-odds (rows,) and contributions (rows, characteristics) of the rows from `start` up to `stop`.

    Processes a block of rows tree by tree, so that a tree's constants stay in the processor's cache.
    """
    trees, width = steps.shape[1], contributions.shape[1]
    states = np.empty((_BLOCK, trees), np.uint8)
    sums = np.empty((_BLOCK, width), np.int64)
    for first in range(start, stop, _BLOCK):
        count = min(_BLOCK, stop - first)
        states[:] = 0
        sums[:] = 0
        for offset in range(count):
            for index in range(width):
                cell = cell_of(rows[first + offset, index], index, thresholds, first_threshold, first_cell)
                for tree in range(trees):
                    states[offset, tree] += steps[cell, tree]
        for tree in range(trees):
            for offset in range(count):
                state = first_state[tree] + states[offset, tree]
                for index in range(width):
                    sums[offset, index] += contributions[state, index]
        for offset in range(count):
            total = base
            for index in range(width):
                total += sums[offset, index]
                contributions_out[first + offset, index] = sums[offset, index] * UNIT
            log_odds_out[first + offset] = total * UNIT


def leaves_of_rows(  # noqa: PLR0917  # numba's compiled loops take no keywords
    rows: Floats,
    start: int,
    stop: int,
    thresholds: Floats,
    first_threshold: Any,
    first_cell: Any,
    steps: Any,
    first_state: Any,
    leaves: Fixed,
    amount: int,
    fixed_trees: int,
    sums_out: Fixed,
    states_out: Any,
) -> None:
    """Fill what the amount does not affect: the sum of the first trees' leaves (rows,), the others' states.

    The states (rows, other trees) lack the steps of the amount, which the first trees do not use.
    """
    trees, width = steps.shape[1], first_cell.shape[0] - 1
    states = np.empty(trees, np.uint8)
    for row in range(start, stop):
        states[:] = 0
        for index in range(width):
            if index != amount:
                cell = cell_of(rows[row, index], index, thresholds, first_threshold, first_cell)
                for tree in range(trees):
                    states[tree] += steps[cell, tree]
        total = 0
        for tree in range(fixed_trees):
            total += leaves[first_state[tree] + states[tree]]
        sums_out[row] = total
        for tree in range(fixed_trees, trees):
            states_out[row, tree - fixed_trees] = states[tree]


def log_odds_at_amounts(  # noqa: PLR0917  # numba's compiled loops take no keywords
    amounts: Floats,
    start: int,
    stop: int,
    thresholds: Floats,
    first_threshold: Any,
    first_cell: Any,
    steps: Any,
    first_state: Any,
    leaves: Fixed,
    sums: Fixed,
    states: Any,
    amount: int,
    intercept: int,
    log_odds_out: Floats,
) -> None:
    """Fill log-odds (rows,) at these amounts (rows,), from the results of `leaves_of_rows`."""
    varying = states.shape[1]
    fixed_trees = steps.shape[1] - varying
    for row in range(start, stop):
        cell = cell_of(amounts[row], amount, thresholds, first_threshold, first_cell)
        total = intercept + sums[row]
        for tree in range(varying):
            step = steps[cell, fixed_trees + tree]
            total += leaves[first_state[fixed_trees + tree] + states[row, tree] + step]
        log_odds_out[row] = total * UNIT


@dataclass(frozen=True, slots=True)
class Kernels:
    """The loops as machine code, which run without Python's global lock."""

    contributions_of_rows: Callable[..., None]
    leaves_of_rows: Callable[..., None]
    log_odds_at_amounts: Callable[..., None]


def compiled_kernels(cache_dir: Path | None = None) -> Kernels:
    """Compile the loops, or load them from the cache of an earlier process.

    The cache is in `cache_dir` if given, else in `NUMBA_CACHE_DIR`, else next to this file or in the user's cache
    folder. If none of these is writable, each process compiles anew, which takes some seconds.
    """
    span = (types.int64, types.int64)
    return Kernels(
        _compiled(
            contributions_of_rows,
            types.void(_FLOAT_ROWS, *span, *_LOOKUP, _FIXED_ROWS, types.int64, _OUT, _OUT_ROWS),
            cache_dir,
        ),
        _compiled(
            leaves_of_rows,
            types.void(_FLOAT_ROWS, *span, *_LOOKUP, _FIXED, types.int64, types.int64, _SUMS_OUT, _BYTES_OUT),
            cache_dir,
        ),
        _compiled(
            log_odds_at_amounts,
            types.void(_FLOATS, *span, *_LOOKUP, _FIXED, _FIXED, _BYTE_ROWS, types.int64, types.int64, _OUT),
            cache_dir,
        ),
    )


def _compiled(loop: Callable[..., None], signature: Any, cache_dir: Path | None) -> Callable[..., None]:
    previous = _SETTINGS.CACHE_DIR
    try:
        if cache_dir is not None:
            cache_dir.mkdir(parents=True, exist_ok=True)
            _SETTINGS.CACHE_DIR = str(cache_dir)
        return _jit(loop, signature, cache=True)
    except (RuntimeError, OSError):  # numba finds no writable folder
        return _jit(loop, signature, cache=False)
    finally:
        _SETTINGS.CACHE_DIR = previous


def _jit(loop: Callable[..., None], signature: Any, *, cache: bool) -> Callable[..., None]:
    compiled: Callable[..., None] = numba.njit(signature, nogil=True, cache=cache)(loop)
    return compiled
