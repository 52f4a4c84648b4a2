"""Predictions that a model has already made."""

from abc import abstractmethod
from typing import Protocol

from application.ports.models.credit_model import ModelVersion
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction


class PredictionCache(Protocol):
    """Caches predictions for a while. A cache that is slow or down is a miss, never an error."""

    @abstractmethod
    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The model's prediction for exactly these characteristics, if it is cached."""

    @abstractmethod
    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Cache a prediction."""
