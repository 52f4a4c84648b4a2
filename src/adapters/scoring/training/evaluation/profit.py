"""Expected and realized profit by PD, the basis of the policy's cut-offs and rates.

PDs are out of fold: each loan's PD comes from trees trained without it. A band's rate is what the lender charged
at its PD, smoothed over all loans by a quadratic in the log-odds, so that no cut-off depends on noise in one band.
Without charged rates, it is the rate of the policy's grade.
The score approves while a band remains profitable with defaults 25 % above the prediction (as in the worst year of
the development loans), and declines from the first band that loses money as predicted. An underwriter decides
between.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.training.evaluation.economics import Economics
from adapters.scoring.training.fitting.development_sample import DevelopmentSample
from domain.policies.pricing import Grade

RateByPd = Callable[[float], float]

MIN_RATES = 100
"""With fewer loans of known rate, the rate by PD cannot be estimated."""

STRESS = 1.25
"""Defaults in a bad year relative to the average year."""

EDGES = (*(round(0.01 * step, 2) for step in range(41)), 1.0)
"""Bands of PD, one percentage point wide."""


class RatesUnknown(ValueError):
    """Nothing is known about the rates of the loans."""


def profit_report(
    pd: Floats, sample: DevelopmentSample, grades: Sequence[Grade], economics: Economics
) -> dict[str, Any]:
    """Profit per dollar lent by band, by cut-off and by grade, and the resulting cut-offs.

    Raises RatesUnknown if the loans have no rates and there are no grades.
    """
    known = np.isfinite(sample.rate)
    charged = int(known.sum()) >= MIN_RATES
    if charged:
        pd, sample = pd[known], sample.where(known)
    elif not grades:
        raise RatesUnknown("the loans have no int_rate, and there is no policy whose rates can be used")
    usual_rate = _rate_by_pd(pd, sample) if charged else _rate_of_grade(grades)
    bands = _bands(pd, sample, EDGES, usual_rate, economics)
    limits = (0.0, *(grade.pd_below for grade in grades))
    by_grade = _bands(pd, sample, limits, usual_rate, economics)
    names = {grade.pd_below: grade.name for grade in grades}
    return {
        "rates": "charged" if charged else "of the policy's grades",
        "economics": {
            "earned_share_of_interest": economics.earned_share,
            "lost_share_of_principal": economics.lost,
            "cost_of_funds_a_year": economics.funds,
            "servicing_a_year": economics.servicing,
            "years_to_charge_off": economics.years_to_charge_off,
            "stress": STRESS,
        },
        "cut_offs": {
            "approve_below": _first_loss(bands, "stressed_profit"),
            "decline_from": _first_loss(bands, "expected_profit"),
        },
        "bands": bands,
        "approving_below": [_approving_below(bands, number) for number in range(1, len(bands) + 1)],
        "grades": [{"grade": names[row["pd_below"]], **row} for row in by_grade],
    }


def _rate_by_pd(pd: Floats, sample: DevelopmentSample) -> RateByPd:
    fit = np.polynomial.Polynomial.fit(np.log(pd / (1 - pd)), sample.rate, 2, w=np.sqrt(sample.weight))
    return lambda at: float(fit(np.log(at / (1 - at))))


def _rate_of_grade(grades: Sequence[Grade]) -> RateByPd:
    return lambda pd: next(grade.annual_rate for grade in grades if pd < grade.pd_below)


def _bands(
    pd: Floats, sample: DevelopmentSample, edges: Sequence[float], usual_rate: RateByPd, economics: Economics
) -> list[dict[str, Any]]:
    rows = []
    for low, high in pairwise(edges):
        chosen = (pd >= low) & (pd < high)
        if chosen.any():
            rows.append({"pd_from": low, "pd_below": high, **_band(pd, sample, chosen, usual_rate, economics)})
    return rows


def _band(
    pd: Floats, sample: DevelopmentSample, chosen: NDArray[np.bool_], usual_rate: RateByPd, economics: Economics
) -> dict[str, Any]:
    weight, rates = sample.weight[chosen], np.isfinite(sample.rate[chosen])
    mean_pd = float(np.average(pd[chosen], weights=weight))
    bad_rate = float(np.average(sample.bad[chosen], weights=weight))
    rate = usual_rate(mean_pd)
    return {
        "loans": int(chosen.sum()),
        "share": float(weight.sum() / sample.weight.sum()),
        "mean_pd": mean_pd,
        "bad_rate": bad_rate,
        "rate_charged": float(np.average(sample.rate[chosen], weights=weight)) if rates.all() else None,
        "usual_rate": rate,
        "expected_profit": economics.profit(mean_pd, rate),
        "stressed_profit": economics.profit(min(1.0, STRESS * mean_pd), rate),
        "realised_profit": economics.profit(bad_rate, rate),
    }


def _first_loss(bands: Sequence[dict[str, Any]], profit: str) -> float:
    """The lower end of the first band that loses money, above the most profitable band."""
    best = max(range(len(bands)), key=lambda number: bands[number][profit])
    losing = [band["pd_from"] for band in bands[best:] if band[profit] < 0]
    return float(losing[0] if losing else bands[-1]["pd_from"])


def _approving_below(bands: Sequence[dict[str, Any]], number: int) -> dict[str, float]:
    approved = bands[:number]
    shares = [band["share"] for band in approved]
    return {
        "pd_below": approved[-1]["pd_below"],
        "share": sum(shares),
        "expected_profit": float(np.average([band["expected_profit"] for band in approved], weights=shares)),
        "realised_profit": float(np.average([band["realised_profit"] for band in approved], weights=shares)),
    }
