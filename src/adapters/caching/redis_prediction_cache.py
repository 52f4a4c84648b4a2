"""The prediction cache in Redis or Valkey, shared by all replicas."""

from collections.abc import Mapping
from datetime import timedelta

from redis.exceptions import ResponseError

from adapters.caching.circuit_breaker import CircuitBreaker
from adapters.caching.encoding import decoded, encoded, key_of
from adapters.caching.redis_cache import RedisCache
from application.ports.models.credit_model import ModelVersion
from application.ports.models.prediction_cache import PredictionCache
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction


class RedisPredictionCache(RedisCache[bytes], PredictionCache):
    """Predictions for `lifetime`; a get waits 20 ms at most, a put not at all.

    Lives in one event loop. Close it with `aclose`.
    """

    def __init__(
        self,
        url: str,
        *,
        lifetime: timedelta = timedelta(hours=1),
        patience: timedelta = timedelta(milliseconds=20),
        breaker: CircuitBreaker | None = None,
    ) -> None:
        super().__init__(url, patience=patience, breaker=breaker)
        self._seconds = int(lifetime.total_seconds())
        self._sets_many_at_once = True

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction, if remembered and given within the patience."""
        return await self._find(key_of(model, characteristics), decoded)

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Have the prediction remembered some time soon, unless the cache is not working just now."""
        if self._keeps:
            self._writes.write(key_of(model, characteristics), encoded(prediction))

    async def _store(self, values: Mapping[bytes, bytes]) -> None:
        if self._sets_many_at_once:
            try:
                await self._client.msetex(values, ex=self._seconds)
            except ResponseError as fault:
                if "unknown command" not in str(fault):
                    raise
                self._sets_many_at_once = False  # Redis before 8.4, Valkey before 9.1
            else:
                return
        pipeline = self._client.pipeline(transaction=False)
        for key, value in values.items():
            pipeline.set(key, value, ex=self._seconds)
        await pipeline.execute()
