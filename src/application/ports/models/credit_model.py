"""A credit model, which predicts the probability of default."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """The version of a model and the SHA-256 fingerprint of its bundle, in hexadecimal."""

    version: str
    fingerprint: str


class CreditModel(Protocol):
    """Predicts the risk of applicants. The same input gives the same bits on any replica, alone or in a group."""

    @property
    @abstractmethod
    def version(self) -> ModelVersion:
        """The version of this model."""

    @abstractmethod
    def reference_profile(self, approve_below: float) -> Sequence[float]:
        """The average contributions of applicants whose PD is just below this approve cut-off."""

    @abstractmethod
    def log_odds_range(self) -> tuple[float, float]:
        """The smallest and the largest log-odds that the model can give."""

    @abstractmethod
    def predict(self, characteristics: Characteristics) -> Prediction:
        """The prediction for one applicant."""

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        """The result of `predict` for each, in order; a model may override it with a faster way."""
        return [self.predict(each) for each in applicants]

    @abstractmethod
    def risk_by_amount(self, characteristics: Characteristics) -> RiskByAmount:
        """The risk as a function of the loan amount, with everything else unchanged.

        It has the same bits as `predict` for the same applicant and that amount.
        """

    def risks_by_amount(self, applicants: Sequence[Characteristics]) -> Sequence[RiskByAmount]:
        """The result of `risk_by_amount` for each, in order; a model may override it with a faster way."""
        return [self.risk_by_amount(each) for each in applicants]
