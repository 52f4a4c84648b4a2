"""The reference credit model: LightGBM itself, trees of any shape, slower and heavier than tables."""

from collections.abc import Callable, Sequence

import lightgbm as lgb
import numpy as np

from adapters.scoring.bundle import ModelBundle
from adapters.scoring.encoding import encode_one
from adapters.scoring.fixed_point import Floats
from adapters.scoring.population import Population
from adapters.scoring.tables import AMOUNT
from application.ports.credit_model import CreditModel, ModelVersion
from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction


class LightGBMCreditModel(CreditModel):
    """Asks LightGBM for the raw log-odds and for `pred_contrib`, and calibrates both."""

    def __init__(self, bundle: ModelBundle) -> None:
        self._manifest = bundle.manifest
        self._version = ModelVersion(bundle.manifest.model_version, bundle.fingerprint)
        self._population = Population.of(bundle.manifest)
        self._booster = lgb.Booster(model_str=bundle.trees)

    @property
    def version(self) -> ModelVersion:
        """The bundle's version and fingerprint."""
        return self._version

    @property
    def reference(self) -> Sequence[float]:
        """The bundle's reference profile."""
        return self._manifest.reference_profile

    def predict(self, characteristics: Characteristics) -> Prediction:
        """Log-odds, interval and contributions in ordinary floating point."""
        row = encode_one(characteristics, self._manifest.categories)
        calibration = self._manifest.calibration
        parts = self._booster.predict(row, pred_contrib=True, num_threads=1)[0]
        *contributions, expectation = (calibration.slope * parts).tolist()
        return Prediction.of(
            self._log_odds(row),
            base=expectation + calibration.intercept,
            contributions=tuple(contributions),
            uncertainty=self._manifest.uncertainty,
            out_of_domain=self._population.outside(characteristics),
        )

    def risk_at(self, characteristics: Characteristics) -> Callable[[float], float]:
        """Log-odds by amount, each asked of LightGBM anew."""
        row = encode_one(characteristics, self._manifest.categories)

        def log_odds(amount: float) -> float:
            moved = row.copy()
            moved[0, AMOUNT] = amount
            return self._log_odds(moved)

        return log_odds

    def _log_odds(self, row: Floats) -> float:
        raw = np.asarray(self._booster.predict(row, raw_score=True, num_threads=1))
        return float(self._manifest.calibration.slope * raw[0] + self._manifest.calibration.intercept)
