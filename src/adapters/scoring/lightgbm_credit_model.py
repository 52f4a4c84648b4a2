"""The reference credit model: LightGBM itself, for trees of any shape, slower and larger than tables."""

from collections.abc import Sequence

import lightgbm as lgb
import numpy as np

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.encoding import encode_applicant, with_stand_ins
from adapters.scoring.fixed_point import Floats
from adapters.scoring.population import Population
from application.ports.models.credit_model import CreditModel, ModelVersion
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount


class LightGBMCreditModel(CreditModel):
    """Calibrates LightGBM's raw log-odds and its `pred_contrib`."""

    def __init__(self, bundle: ModelBundle) -> None:
        self._manifest, self._product, self._reference = bundle.manifest, bundle.product, bundle.reference
        self._version = ModelVersion(bundle.manifest.model_version, bundle.fingerprint)
        self._population = Population.of(bundle.manifest)
        self._booster = lgb.Booster(model_str=bundle.trees)
        self._range = bundle.tables.log_odds_range(bundle.manifest.intercept)
        self._amount_cuts: list[float] = bundle.tables.thresholds_of(bundle.product.amount_place)[1:].tolist()

    @property
    def version(self) -> ModelVersion:
        return self._version

    def reference_profile(self, approve_below: float) -> Sequence[float]:
        return self._reference.for_cut_off(approve_below)

    def log_odds_range(self) -> tuple[float, float]:
        """The range of the compiled tables, which are the same trees."""
        return self._range

    def predict(self, characteristics: Characteristics) -> Prediction:
        """Log-odds, interval and contributions in ordinary floating point."""
        row = self._encoded(characteristics)
        calibration = self._manifest.calibration
        parts = self._booster.predict(row, pred_contrib=True, num_threads=1)[0]
        *contributions, expectation = (calibration.slope * parts).tolist()
        return Prediction.of(
            self._log_odds(row)[0],
            base=expectation + calibration.intercept,
            contributions=tuple(contributions),
            uncertainty=self._manifest.uncertainty,
            out_of_domain=self._population.outside(characteristics),
        )

    def risk_by_amount(self, characteristics: Characteristics) -> RiskByAmount:
        """LightGBM's log-odds up to each threshold of the amount and above the last."""
        amounts = [*self._amount_cuts, np.inf]
        rows = self._encoded(characteristics).repeat(len(amounts), axis=0)
        rows[:, self._product.amount_place] = amounts
        return RiskByAmount(self._amount_cuts, self._log_odds(rows))

    def _encoded(self, characteristics: Characteristics) -> Floats:
        """The applicant as a row (1, characteristics)."""
        row = encode_applicant(characteristics, self._product, self._manifest.categories)
        names = self._manifest.characteristics
        return with_stand_ins(row[:, : len(names)], names, self._manifest.stand_ins)

    def _log_odds(self, rows: Floats) -> list[float]:
        raw = np.asarray(self._booster.predict(rows, raw_score=True, num_threads=1))
        log_odds: list[float] = (
            self._manifest.calibration.slope * raw + self._manifest.calibration.intercept
        ).tolist()
        return log_odds
