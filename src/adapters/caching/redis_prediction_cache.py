"""The prediction cache in Redis or Valkey, shared by all replicas. Predictions are exact to the last bit."""

from datetime import timedelta
from hashlib import sha256

import msgspec

from adapters.caching.redis_cache import RedisCache
from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction

_PREFIX = b"scoring:prediction:2:"
"""Change the number with the meaning of key or value: replicas of two releases must not misread each other."""

_encode = msgspec.msgpack.Encoder(enc_hook=float).encode  # converts NumPy's numbers bit for bit
_decode = msgspec.msgpack.Decoder(Prediction).decode


def prediction_key(model: ModelVersion, characteristics: Characteristics) -> bytes:
    """A key of fixed length that reveals nothing about the applicant.

    It is a hash of the bits of every number: NaN equals NaN, but 0.0 and -0.0 differ.
    """
    return _PREFIX + sha256(_encode((model.fingerprint, characteristics))).hexdigest().encode()


class RedisPredictionCache(PredictionCache):
    """Keeps each prediction for `lifetime`, as about 230 bytes of MessagePack."""

    def __init__(self, cache: RedisCache, *, lifetime: timedelta = timedelta(hours=1)) -> None:
        self._cache = cache
        self._lifetime = lifetime

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction; None also for a value that is not one, such as one from a release with other fields."""
        value = await self._cache.get(prediction_key(model, characteristics))
        try:
            return None if value is None else _decode(value)
        except msgspec.MsgspecError:
            return None

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Store the prediction."""
        key = prediction_key(model, characteristics)
        await self._cache.put(key, _encode(prediction), lifetime=self._lifetime)
