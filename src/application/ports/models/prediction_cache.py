"""Predictions made before, by the model that made them."""

from abc import abstractmethod
from typing import Protocol

from application.ports.models.credit_model import ModelVersion
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction


class PredictionCache(Protocol):
    """Remembers predictions for a while. A cache that is down forgets; it never fails a caller."""

    @abstractmethod
    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction this very model made for these very characteristics, if remembered."""

    @abstractmethod
    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Remember a prediction."""
