"""The default credit model: compiled tables, one applicant in microseconds, NumPy and nothing else."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np

from adapters.scoring.bundle import ModelBundle
from adapters.scoring.fixed_point import UNIT, exact_floats
from adapters.scoring.population import Population
from adapters.scoring.risk_by_amount import RiskByAmount
from adapters.scoring.tables import AMOUNT
from application.ports.credit_model import CreditModel, ModelVersion
from domain.risk.characteristics import CATEGORICAL_NAMES, CHARACTERISTIC_NAMES, Characteristics
from domain.risk.prediction import Prediction

_NUMBERS_BUT_AMOUNT = tuple(
    name for name in CHARACTERISTIC_NAMES if name not in (*CATEGORICAL_NAMES, CHARACTERISTIC_NAMES[AMOUNT])
)


class TableCreditModel(CreditModel):
    """Looks the applicant's states up in the tables of a bundle.

    The steps of a cell, a byte a tree, are kept as one long integer; adding twelve of them adds in every tree at
    once, since a state's number never outgrows its byte.
    """

    def __init__(self, bundle: ModelBundle) -> None:
        manifest, tables = bundle.manifest, bundle.tables
        self._version = ModelVersion(manifest.model_version, bundle.fingerprint)
        self._reference = manifest.reference_profile
        self._base = manifest.base * UNIT
        self._uncertainty = manifest.uncertainty
        self._population = Population.of(manifest)
        self._contributions = exact_floats(tables.contributions, tables.first_state)
        self._each_once = np.ones(tables.tree_count)
        self._trees = tables.tree_count
        self._states = tables.first_state[:-1].astype(np.int64)
        cuts, steps = {}, {}
        for index, name in enumerate(CHARACTERISTIC_NAMES):
            cuts[name] = tables.thresholds_of(index).tolist()
            rows = tables.steps[tables.first_cell[index] : tables.first_cell[index + 1]]
            steps[name] = [int.from_bytes(row.tobytes(), "little") for row in rows]
        self._numbers = tuple((name, cuts[name], steps[name]) for name in _NUMBERS_BUT_AMOUNT)
        self._amount_cuts, self._amount_steps = cuts["loan_amnt"], steps["loan_amnt"]
        self._risk_by_amount = RiskByAmount(tables, manifest.intercept)
        self._words = tuple(
            (name, dict(zip(manifest.categories[name], steps[name][1:], strict=True)), steps[name][0])
            for name in CATEGORICAL_NAMES
        )

    @property
    def version(self) -> ModelVersion:
        """The bundle's version and fingerprint."""
        return self._version

    @property
    def reference(self) -> Sequence[float]:
        """The bundle's reference profile."""
        return self._reference

    def predict(self, characteristics: Characteristics) -> Prediction:
        """Log-odds, interval and contributions, exact multiples of 2**-45."""
        return self.predict_all((characteristics,))[0]

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        """The same of each, all states looked up together."""
        steps = b"".join([self._steps(each).to_bytes(self._trees, "little") for each in applicants])
        states = self._states + np.frombuffer(steps, np.uint8).reshape(-1, self._trees)
        contributions = (self._each_once @ self._contributions.take(states, axis=0)).tolist()
        return [
            Prediction.of(
                self._base + sum(each),  # exact: every partial sum is a whole number of units
                base=self._base,
                contributions=tuple(each),
                uncertainty=self._uncertainty,
                out_of_domain=self._population.outside(applicant),
            )
            for applicant, each in zip(applicants, contributions, strict=True)
        ]

    def risk_at(self, characteristics: Characteristics) -> Callable[[float], float]:
        """Log-odds by amount, looked up for all amounts together when the first is asked for.

        Of an approved loan none is; whoever asks for one asks for several.
        """
        cuts = self._risk_by_amount.cuts
        by_cell: list[float] = []

        def log_odds(amount: float) -> float:
            if not by_cell:
                steps = self._steps_but_amount(characteristics)
                by_cell.extend(self._risk_by_amount.log_odds(steps.to_bytes(self._trees, "little")))
            return by_cell[bisect_left(cuts, amount)]

        return log_odds

    def _steps(self, characteristics: Characteristics) -> int:
        amount_cell = bisect_left(self._amount_cuts, characteristics.loan_amnt)
        return self._steps_but_amount(characteristics) + self._amount_steps[amount_cell]

    def _steps_but_amount(self, characteristics: Characteristics) -> int:
        steps = 0
        for name, cuts, by_cell in self._numbers:
            steps += by_cell[bisect_left(cuts, getattr(characteristics, name))]
        for name, by_word, unseen in self._words:
            steps += by_word.get(getattr(characteristics, name), unseen)
        return steps
