"""Selects the weight of recent loans: lending changes over time, but recent loans are few.

Candidates are evaluated by cross-validation within the recent period: older loans are always in training, and each
fold of recent loans is predicted by trees trained on the other folds with the candidate's weight.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.measures import auc, log_loss
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import apply_calibration, fit_platt
from adapters.scoring.training.fitting.development_sample import DevelopmentSample

CANDIDATES = (1.0, 2.0, 4.0, 8.0, 16.0)
FOLDS = 5
REPEATS = 2
MIN_LOANS = 500
"""The minimum number of recent and of older loans for a selection."""

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class RecentWeight:
    """A candidate and its results on unseen recent loans: mean AUC and calibrated log loss."""

    times: float
    auc: float
    log_loss: float


def weight_recent(sample: DevelopmentSample, recent: NDArray[np.bool_], times: float) -> DevelopmentSample:
    """The sample with the weights of recent loans multiplied by `times`."""
    return sample.weighted(np.where(recent, sample.weight * times, sample.weight))


def evaluate_weights(
    sample: DevelopmentSample,
    recent: NDArray[np.bool_],
    settings: TreeSettings,
    *,
    seed: int,
    report: Callable[[float], None],
    candidates: Sequence[float] = CANDIDATES,
) -> list[RecentWeight]:
    """Each candidate's result; empty if either period has too few loans."""
    if min(recent.sum(), (~recent).sum()) < MIN_LOANS:
        return []
    tried = []
    for number, times in enumerate(candidates, start=1):
        raws = _unseen_log_odds(weight_recent(sample, recent, times), recent, settings, seed)
        bad, weight = sample.bad[recent], sample.weight[recent]
        ranks = [auc(raw, bad, weight) for raw in raws]
        losses = [log_loss(apply_calibration(raw, fit_platt(raw, bad, weight)), bad, weight) for raw in raws]
        tried.append(RecentWeight(times, float(np.mean(ranks)), float(np.mean(losses))))
        report(number / len(candidates))
    return tried


def best_weight(tried: Sequence[RecentWeight]) -> float:
    """The candidate with the lowest log loss; 1 if none was evaluated."""
    return min(tried, key=lambda candidate: candidate.log_loss).times if tried else 1.0


def _unseen_log_odds(
    sample: DevelopmentSample, recent: NDArray[np.bool_], settings: TreeSettings, seed: int
) -> list[Floats]:
    places = np.flatnonzero(recent)

    def fold(job: tuple[int, int]) -> tuple[int, NDArray[np.int64], Floats]:
        repeat, number = job
        membership = np.random.default_rng([seed, repeat]).permutation(len(places)) % FOLDS
        unseen = membership == number
        kept = np.setdiff1d(np.arange(len(sample)), places[unseen])
        booster = grow(sample.where(kept), settings, seed + repeat)
        return repeat, np.flatnonzero(unseen), raw_log_odds(booster, sample.encoded[places[unseen]])

    raws = [np.empty(len(places)) for _ in range(REPEATS)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        jobs = [(repeat, number) for repeat in range(REPEATS) for number in range(FOLDS)]
        for repeat, unseen, raw in pool.map(fold, jobs):
            raws[repeat][unseen] = raw
    return raws
