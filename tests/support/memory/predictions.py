"""A prediction cache in memory, which evicts the least recently used prediction first."""

from collections import OrderedDict
from struct import pack

from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction

_Key = tuple[str, tuple[bytes | str, ...]]


def _key(model: ModelVersion, characteristics: Characteristics) -> _Key:
    # By the bits of every number: a missing value is NaN, and NaN never equals itself.
    parts = (value if isinstance(value, str) else pack("d", value) for value in characteristics)
    return model.fingerprint, tuple(parts)


class MemoryPredictionCache(PredictionCache):
    """Holds at most `size` predictions."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._predictions: OrderedDict[_Key, Prediction] = OrderedDict()
        self._hits = 0
        self._misses = 0

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        key = _key(model, characteristics)
        prediction = self._predictions.get(key)
        if prediction is None:
            self._misses += 1
        else:
            self._hits += 1
            self._predictions.move_to_end(key)
        return prediction

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        self._predictions[_key(model, characteristics)] = prediction
        if len(self._predictions) > self._size:
            self._predictions.popitem(last=False)

    def figures(self) -> dict[str, float]:
        return {"hits": self._hits, "misses": self._misses}
