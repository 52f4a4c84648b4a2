"""A credit model: says how likely one applicant is to default."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """Which model: its version and the SHA-256 fingerprint of its whole bundle, in hexadecimal."""

    version: str
    fingerprint: str


class CreditModel(Protocol):
    """Predicts applicants; the same input gives the same bits on any replica, alone or among others."""

    @property
    @abstractmethod
    def version(self) -> ModelVersion:
        """Which model this is."""

    @property
    @abstractmethod
    def reference(self) -> Sequence[float]:
        """The reference profile for reasons: average contributions of just-passing applicants."""

    @abstractmethod
    def predict(self, characteristics: Characteristics) -> Prediction:
        """The PD with its interval and exact contributions."""

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        """What `predict` says of each, in their order; a model may have a quicker way for many."""
        return [self.predict(each) for each in applicants]

    @abstractmethod
    def risk_by_amount(self, characteristics: Characteristics) -> RiskByAmount:
        """The risk by the amount of the loan, all else as given.

        The same bits as `predict` of the same applicant asking for that amount.
        """

    def risks_by_amount(self, applicants: Sequence[Characteristics]) -> Sequence[RiskByAmount]:
        """What `risk_by_amount` says of each, in their order; a model may have a quicker way for many."""
        return [self.risk_by_amount(each) for each in applicants]
