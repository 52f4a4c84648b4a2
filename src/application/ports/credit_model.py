"""A credit model: says how likely one applicant is to default."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction


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
    def risk_at(self, characteristics: Characteristics) -> Callable[[float], float]:
        """The calibrated log-odds of default as a function of the loan amount in dollars, all else as given.

        The same bits as `predict` of the same applicant asking for that amount.
        """
