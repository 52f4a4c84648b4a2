"""The default credit model: compiled tables with NumPy alone, microseconds per applicant."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter, getitem

import numpy as np

from adapters.scoring.amount_tables import AmountTables
from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.fixed_point import UNIT, exact_floats
from adapters.scoring.population import Population
from adapters.scoring.tables import AMOUNT
from application.ports.models.credit_model import CreditModel, ModelVersion
from domain.models.characteristics import CATEGORICAL_NAMES, CHARACTERISTIC_NAMES, Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount

_NUMBERS_WITHOUT_AMOUNT = tuple(
    name for name in CHARACTERISTIC_NAMES if name not in (*CATEGORICAL_NAMES, CHARACTERISTIC_NAMES[AMOUNT])
)
_numbers_without_amount = attrgetter(*_NUMBERS_WITHOUT_AMOUNT)
_words = attrgetter(*CATEGORICAL_NAMES)


class TableCreditModel(CreditModel):
    """Looks up the applicant's states in the tables of a bundle.

    The steps of a cell, one byte per tree, are stored as one long integer. Adding twelve of them adds the bytes of
    all trees at once, since a state's number never exceeds its byte.
    """

    def __init__(self, bundle: ModelBundle) -> None:
        manifest, tables = bundle.manifest, bundle.tables
        self._version = ModelVersion(manifest.model_version, bundle.fingerprint)
        self._reference = bundle.reference
        self._base = manifest.base * UNIT
        self._uncertainty = manifest.uncertainty
        self._population = Population.of(manifest)
        self._contributions = exact_floats(tables.contributions, tables.first_state)
        self._ones = np.ones(tables.tree_count)
        self._trees = tables.tree_count
        self._states = tables.first_state[:-1].astype(np.int64)
        cuts, steps = {}, {}
        for index, name in enumerate(CHARACTERISTIC_NAMES):
            cuts[name] = tables.thresholds_of(index).tolist()
            rows = tables.steps[tables.first_cell[index] : tables.first_cell[index + 1]]
            steps[name] = [int.from_bytes(row.tobytes(), "little") for row in rows]
        self._cuts = [cuts[name] for name in _NUMBERS_WITHOUT_AMOUNT]
        self._steps = [steps[name] for name in _NUMBERS_WITHOUT_AMOUNT]
        self._amount_cuts, self._amount_steps = cuts["loan_amnt"], steps["loan_amnt"]
        self._recent: dict[int, tuple[Characteristics, int]] = {}
        """Steps of the applicants predicted last, by identity: their risk by amount is usually requested next."""
        self._amount_tables = AmountTables(tables, manifest.intercept)
        self._words = tuple(
            (dict(zip(manifest.categories[name], steps[name][1:], strict=True)), steps[name][0])
            for name in CATEGORICAL_NAMES
        )

    @property
    def version(self) -> ModelVersion:
        return self._version

    def reference_profile(self, approve_below: float) -> Sequence[float]:
        return self._reference.for_cut_off(approve_below)

    def predict(self, characteristics: Characteristics) -> Prediction:
        """Log-odds, interval and contributions, exact multiples of 2**-45."""
        return self.predict_all((characteristics,))[0]

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        """The predictions of all applicants, looked up together."""
        steps_without_amount = [self._steps_without_amount(each) for each in applicants]
        self._recent = dict(
            zip(map(id, applicants), zip(applicants, steps_without_amount, strict=True), strict=True)
        )
        cuts, amounts = self._amount_cuts, self._amount_steps
        steps = b"".join(
            [
                (without_amount + amounts[bisect_left(cuts, each.loan_amnt)]).to_bytes(self._trees, "little")
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
        cells = map(bisect_left, self._cuts, _numbers_without_amount(characteristics))
        steps = sum(map(getitem, self._steps, cells))
        for word, (by_word, unseen) in zip(_words(characteristics), self._words, strict=True):
            steps += by_word.get(word, unseen)
        return steps
