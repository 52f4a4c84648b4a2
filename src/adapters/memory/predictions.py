"""Predictions remembered in the process: the least recently used are forgotten first."""

from collections import OrderedDict

from application.ports.credit_model import ModelVersion
from application.ports.prediction_cache import PredictionCache
from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction


class MemoryPredictionCache(PredictionCache):
    """At most `size` predictions."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._predictions: OrderedDict[tuple[str, str], Prediction] = OrderedDict()

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction, if remembered."""
        key = _key(model, characteristics)
        prediction = self._predictions.get(key)
        if prediction is not None:
            self._predictions.move_to_end(key)
        return prediction

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Remember a prediction."""
        self._predictions[_key(model, characteristics)] = prediction
        if len(self._predictions) > self._size:
            self._predictions.popitem(last=False)


def _key(model: ModelVersion, characteristics: Characteristics) -> tuple[str, str]:
    # By representation: a missing value is NaN, and NaN never equals itself.
    return model.fingerprint, repr(characteristics)
