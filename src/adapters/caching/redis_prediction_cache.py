"""The prediction cache in Redis or Valkey, shared by all replicas."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import cast

from redis.exceptions import ResponseError

from adapters.caching.circuit_breaker import BreakerState, CircuitBreaker
from adapters.caching.encoding import decoded, encoded, key_of
from adapters.caching.gathered_reads import GatheredReads
from adapters.caching.gathered_writes import GatheredWrites
from adapters.caching.redis_client import redis_client
from application.ports.credit_model import ModelVersion
from application.ports.prediction_cache import PredictionCache
from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction


class RedisPredictionCache(PredictionCache):
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
        self._client = redis_client(url)
        self._seconds = int(lifetime.total_seconds())
        self._breaker = breaker or CircuitBreaker()
        self._reads = GatheredReads(self._fetch, self._breaker, patience=patience.total_seconds())
        self._writes: GatheredWrites[bytes] = GatheredWrites(self._store)
        self._sets_many_at_once = True
        self._hits = 0
        self._misses = 0

    async def get(self, model: ModelVersion, characteristics: Characteristics) -> Prediction | None:
        """The prediction, if remembered and given within the patience."""
        value = await self._reads.read(key_of(model, characteristics))
        prediction = None if value is None else decoded(value)
        if prediction is None:
            self._misses += 1
        else:
            self._hits += 1
        return prediction

    async def put(self, model: ModelVersion, characteristics: Characteristics, prediction: Prediction) -> None:
        """Have the prediction remembered some time soon, unless the cache is not working just now."""
        if self._breaker.state is BreakerState.CLOSED:
            self._writes.write(key_of(model, characteristics), encoded(prediction))

    async def drained(self) -> None:
        """Return once everything put so far is remembered, or failed to be."""
        await self._writes.drained()

    async def aclose(self) -> None:
        """Write what still waits, within a second, and leave the server."""
        await self._reads.aclose()
        await self._writes.aclose()
        await self._client.aclose()

    def figures(self) -> dict[str, float]:
        """Counts since the start, and `breaker`: 0 closed, 1 open, 0.5 while one get probes."""
        return {
            "hits": self._hits,
            "misses": self._misses,
            "failures": self._reads.failures,
            "skipped": self._reads.skipped,
            "stored": self._writes.stored,
            "not_stored": self._writes.failed + self._writes.dropped,
            "breaker": self._breaker.state.value,
        }

    async def _fetch(self, keys: list[bytes]) -> Sequence[bytes | None]:
        return cast(Sequence[bytes | None], await self._client.mget(keys))  # it decodes nothing unless told to

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
