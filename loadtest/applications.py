"""Loan applications that are distributed like real ones.

`population.json` has quantiles and shares of each field and the rank correlations between them, no rows. Fields
are drawn together from a Gaussian copula: large incomes go with large loans, high utilization with low scores.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

POPULATION = Path(__file__).with_name("population.json")
FormValue = str | float | int
_FICO_BAND = 4
_STEPS = {"loan_amnt": 25, "annual_inc": 500, "fico_range_low": 5, "dti": 0.01, "revol_util": 0.1}
"""The smallest difference between two values of a number; 1 for the others."""
_FRACTIONS = ("annual_inc", "loan_amnt", "dti", "revol_util")
_BLOCK = 256


class Population:
    """Draws applications in blocks."""

    def __init__(self, file: Path = POPULATION) -> None:
        self._known = json.loads(file.read_text())
        self._factor = np.linalg.cholesky(np.array(self._known["correlations"]))
        self._normal = NormalDist()

    def applications(self, seed: int) -> Iterator[dict[str, FormValue]]:
        """An endless sequence of applications, as the API accepts them."""
        generator = np.random.default_rng(seed)
        fields = self._known["fields"]
        while True:
            normal = self._factor @ generator.standard_normal((len(fields), _BLOCK))
            columns = {name: self._column(name, row) for name, row in zip(fields, normal, strict=True)}
            missing = generator.random(_BLOCK) < self._known["missing_revol_util"]
            for index in range(_BLOCK):
                form = {name: column[index] for name, column in columns.items()}
                form["fico_range_high"] = form["fico_range_low"] + _FICO_BAND
                if missing[index]:
                    del form["revol_util"]
                yield form

    def _column(self, name: str, normal: Any) -> list[Any]:
        """Values of a field from standard normal ones, by the same share of the population below."""
        if name in self._known["categories"]:
            categories, until = zip(*self._known["categories"][name], strict=True)
            limits = [self._normal.inv_cdf(share) for share in until[:-1]]
            return [categories[place] for place in np.searchsorted(limits, normal)]
        quantiles = self._known["quantiles"][name]
        places = [self._normal.inv_cdf((place + 0.5) / len(quantiles)) for place in range(len(quantiles))]
        step = _STEPS.get(name, 1)
        values = np.rint(np.interp(normal, places, quantiles) / step) * step
        return list(values.round(2).tolist()) if name in _FRACTIONS else [int(value) for value in values]


def applications(seed: int) -> Iterator[dict[str, FormValue]]:
    """An endless sequence of applications from the shipped population."""
    return Population().applications(seed)
