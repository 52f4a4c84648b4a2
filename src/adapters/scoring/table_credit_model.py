"""The default credit model: compiled tables with NumPy alone, microseconds per applicant."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from operator import getitem, itemgetter

import numpy as np

from adapters.scoring.amount_tables import AmountTables
from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.fixed_point import UNIT, exact_floats
from adapters.scoring.population import Population
from application.ports.models.credit_model import CreditModel, ModelVersion
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount


class TableCreditModel(CreditModel):
    """Looks up the applicant's states in the tables of a bundle.

    The steps of a cell, one byte per tree, are stored as one long integer. Adding those of every characteristic
    adds the bytes of all trees at once, since a state's number never exceeds its byte.
    """

    def __init__(self, bundle: ModelBundle) -> None:
        manifest, tables, product = bundle.manifest, bundle.tables, bundle.product
        self._version = ModelVersion(manifest.model_version, bundle.fingerprint)
        self._reference = bundle.reference
        self._base = manifest.base * UNIT
        self._range = tables.log_odds_range(manifest.intercept)
        self._uncertainty = manifest.uncertainty
        self._population = Population.of(manifest)
        self._contributions = exact_floats(tables.contributions, tables.first_state)
        self._ones = np.ones(tables.tree_count)
        self._trees = tables.tree_count
        self._states = tables.first_state[:-1].astype(np.int64)
        cuts, steps = {}, {}
        for place, name in enumerate(manifest.characteristics):
            cuts[name] = tables.thresholds_of(place).tolist()
            rows = tables.steps[tables.first_cell[place] : tables.first_cell[place + 1]]
            steps[name] = [int.from_bytes(row.tobytes(), "little") for row in rows]
        numbers = [
            name for name in manifest.characteristics if name not in manifest.categories and name != product.amount
        ]
        self._cuts = [cuts[name] for name in numbers]
        self._steps = [steps[name] for name in numbers]
        self._numbers_without_amount = _several([manifest.characteristics.index(name) for name in numbers])
        self._amount = product.amount_place
        self._amount_cuts, self._amount_steps = cuts[product.amount], steps[product.amount]
        self._recent: dict[int, tuple[Characteristics, int]] = {}
        """Steps of the applicants predicted last, by identity: their risk by amount is usually requested next."""
        self._amount_tables = AmountTables(tables, product.amount_place, manifest.intercept)
        self._words = tuple(
            (place, dict(zip(manifest.categories[name], steps[name][1:], strict=True)), steps[name][0])
            for place, name in enumerate(manifest.characteristics)
            if name in manifest.categories
        )

    @property
    def version(self) -> ModelVersion:
        return self._version

    def reference_profile(self, approve_below: float) -> Sequence[float]:
        return self._reference.for_cut_off(approve_below)

    def log_odds_range(self) -> tuple[float, float]:
        return self._range

    def predict(self, characteristics: Characteristics) -> Prediction:
        """Log-odds, interval and contributions, exact multiples of 2**-45."""
        return self.predict_all((characteristics,))[0]

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        """The predictions of all applicants, looked up together."""
        steps_without_amount = [self._steps_without_amount(each) for each in applicants]
        self._recent = dict(
            zip(map(id, applicants), zip(applicants, steps_without_amount, strict=True), strict=True)
        )
        cuts, amounts, place = self._amount_cuts, self._amount_steps, self._amount
        steps = b"".join(
            [
                (without_amount + amounts[bisect_left(cuts, each[place])]).to_bytes(self._trees, "little")
                for each, without_amount in zip(applicants, steps_without_amount, strict=True)
            ]
        )
        states = self._states + np.frombuffer(steps, np.uint8).reshape(-1, self._trees)
        contributions = (self._ones @ self._contributions.take(states, axis=0)).tolist()
        return [
            Prediction.of(
                self._base + sum(each),  # exact: every partial sum is an integer number of units
                base=self._base,
                contributions=tuple(each),
                uncertainty=self._uncertainty,
                out_of_domain=self._population.outside(applicant),
            )
            for applicant, each in zip(applicants, contributions, strict=True)
        ]

    def risk_by_amount(self, characteristics: Characteristics) -> RiskByAmount:
        return self.risks_by_amount((characteristics,))[0]

    def risks_by_amount(self, applicants: Sequence[Characteristics]) -> Sequence[RiskByAmount]:
        """The risks by amount of all applicants, looked up together."""
        steps = [self._known_steps(each).to_bytes(self._trees, "little") for each in applicants]
        cuts = self._amount_tables.cuts
        return [RiskByAmount(cuts, log_odds) for log_odds in self._amount_tables.log_odds(steps)]

    def _known_steps(self, characteristics: Characteristics) -> int:
        known, steps = self._recent.get(id(characteristics), (None, 0))
        return steps if known is characteristics else self._steps_without_amount(characteristics)

    def _steps_without_amount(self, characteristics: Characteristics) -> int:
        cells = map(bisect_left, self._cuts, self._numbers_without_amount(characteristics))
        steps = sum(map(getitem, self._steps, cells))
        for place, by_word, unseen in self._words:
            steps += by_word.get(characteristics[place], unseen)
        return steps


def _several(places: Sequence[int]) -> Callable[[Characteristics], tuple[float, ...]]:
    """A function that returns the values at these places, also for one place or none."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda characteristics: tuple(characteristics[place] for place in places)
