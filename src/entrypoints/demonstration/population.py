"""Synthetic applicants, whose figures are distributed and depend on each other as those of real loans did."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import pi, sin, sqrt
from random import Random
from statistics import NormalDist

from entrypoints.demonstration.population_statistics import (
    COUNTS,
    EMPLOYMENT,
    HOME_OWNERSHIP,
    LONG_TERM,
    ORDER,
    PROBABILITIES,
    PURPOSES,
    QUANTILES,
    RANK_CORRELATIONS,
)

Values = dict[str, float | int | str | None]
"""The fields of an application as they would be posted."""
_NORMAL = NormalDist()
_LOWEST_INCOME, _NOT_STATED = 6_000.0, 1.0 - sum(EMPLOYMENT.values())
_WITHOUT_CARDS = 0.004
_AMOUNT_STEP, _FICO_STEP, _INCOME_STEP = 25, 5, 100
_LARGEST_AMOUNT = 35_000


def values_of(random: Random) -> Values:
    """The fields of one synthetic application: quantiles of ranks with the published rank correlations."""
    ranks = dict(zip(ORDER, (_NORMAL.cdf(each) for each in _correlated(random)), strict=True))
    numbers = {name: _quantile(name, ranks[name]) for name in QUANTILES}
    amount = min(_LARGEST_AMOUNT, _stepped(numbers["loan_amnt"], _AMOUNT_STEP))
    fico = _stepped(numbers["fico_range_low"], _FICO_STEP)
    long_term = next(share for largest, share in LONG_TERM.items() if amount <= largest)
    return {
        "annual_inc": float(max(_LOWEST_INCOME, _stepped(numbers["annual_inc"], _INCOME_STEP))),
        "emp_length": "n/a" if random.random() < _NOT_STATED else _ranked(EMPLOYMENT, ranks["emp_length"]),
        "home_ownership": _ranked(HOME_OWNERSHIP, random.random()),
        "loan_amnt": float(amount),
        "term": "60 months" if random.random() < long_term else "36 months",
        "purpose": _ranked(PURPOSES, random.random()),
        "fico_range_low": fico,
        "fico_range_high": min(850, fico + 4),
        "dti": round(numbers["dti"], 2),
        "revol_util": None if random.random() < _WITHOUT_CARDS else round(numbers["revol_util"], 1),
        **{name: _count(shares, ranks[name]) for name, shares in COUNTS.items()},
    }


def _quantile(name: str, rank: float) -> float:
    """The value at a rank, from 0 to 1, by linear interpolation between the published quantiles."""
    known = zip(PROBABILITIES, QUANTILES[name], strict=True)
    for (before, low), (after, high) in pairwise(known):
        if rank <= after:
            return low + (high - low) * (rank - before) / (after - before)
    return QUANTILES[name][-1]


def _stepped(number: float, step: int) -> int:
    return step * round(number / step)


def _ranked(shares: Mapping[str, float], rank: float) -> str:
    """The word at a rank among words with these shares, in their order."""
    total = sum(shares.values())
    for word, share in zip(shares, accumulate(shares.values()), strict=True):
        if rank * total <= share:
            return word
    return list(shares)[-1]


def _count(shares: Sequence[float], rank: float) -> int:
    total = sum(shares)
    return next((count for count, share in enumerate(accumulate(shares)) if rank * total <= share), 0)


def _correlated(random: Random) -> list[float]:
    """Standard normal numbers with the published dependence."""
    independent = [random.gauss(0.0, 1.0) for _ in ORDER]
    return [sum(a * b for a, b in zip(row, independent, strict=False)) for row in _ROOT]


def _cholesky(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """The lower triangular root of a positive definite matrix."""
    root: list[list[float]] = []
    for i, row in enumerate(matrix):
        made: list[float] = []
        for j in range(i):
            explained = sum(a * b for a, b in zip(made, root[j], strict=False))
            made.append((row[j] - explained) / root[j][j])
        root.append([*made, sqrt(row[i] - sum(each * each for each in made))])
    return root


_ROOT = _cholesky([[2.0 * sin(pi / 6.0 * each) for each in row] for row in RANK_CORRELATIONS])
"""Of Pearson's correlations of normal numbers that have these rank correlations."""
