"""How much recent loans should count: lending drifts, but recent loans are few.

Candidates are judged by cross-validation inside the recent period alone: older loans are always in training,
each fold of recent loans is predicted by trees that saw the other folds under the candidate's weight.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.measures import auc, log_loss
from adapters.scoring.training.fitting.boosting import TreeSettings, grow, raw_log_odds
from adapters.scoring.training.fitting.calibration import calibrated, platt
from adapters.scoring.training.fitting.development_sample import DevelopmentSample

CANDIDATES = (1.0, 2.0, 4.0, 8.0, 16.0)
FOLDS = 5
REPEATS = 2
MIN_LOANS = 500
"""Fewer recent loans, or fewer older ones, cannot support a choice."""

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class RecentWeight:
    """One candidate and how it did on recent loans it did not see: mean AUC and calibrated log loss."""

    times: float
    auc: float
    log_loss: float


def emphasised(sample: DevelopmentSample, recent: NDArray[np.bool_], times: float) -> DevelopmentSample:
    """The sample with recent loans counting so many times."""
    return sample.weighted(np.where(recent, sample.weight * times, sample.weight))


def tried_weights(
    sample: DevelopmentSample,
    recent: NDArray[np.bool_],
    settings: TreeSettings,
    *,
    seed: int,
    report: Callable[[float], None],
    candidates: Sequence[float] = CANDIDATES,
) -> list[RecentWeight]:
    """Each candidate's result; empty where either period has too few loans to tell."""
    if min(recent.sum(), (~recent).sum()) < MIN_LOANS:
        return []
    tried = []
    for number, times in enumerate(candidates, start=1):
        raws = _unseen_log_odds(emphasised(sample, recent, times), recent, settings, seed)
        bad, weight = sample.bad[recent], sample.weight[recent]
        ranks = [auc(raw, bad, weight) for raw in raws]
        losses = [log_loss(calibrated(raw, platt(raw, bad, weight)), bad, weight) for raw in raws]
        tried.append(RecentWeight(times, float(np.mean(ranks)), float(np.mean(losses))))
        report(number / len(candidates))
    return tried


def chosen_weight(tried: Sequence[RecentWeight]) -> float:
    """The candidate with the least log loss; 1 when none could be tried."""
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
