"""Remembered answers in Redis or Valkey, shared by all replicas and both faces."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

import msgspec

from adapters.caching.circuit_breaker import CircuitBreaker
from adapters.caching.redis_cache import RedisCache
from application.ports.operations.result_cache import CacheKey, ResultCache

_PREFIX = b"scoring:answer:1:"
_MILLISECOND = timedelta(milliseconds=1)

_encode = msgspec.msgpack.Encoder().encode


def key_of(question: CacheKey) -> bytes:
    """A key of fixed length that tells nothing of who asked, or about whom."""
    parts = (question.kind, question.asker, question.depends_on)
    return _PREFIX + sha256(_encode(parts)).hexdigest().encode()


class RedisResultCache(RedisCache[tuple[bytes, timedelta]], ResultCache):
    """A get waits 20 ms at most, a put not at all. Lives in one event loop. Close it with `aclose`."""

    def __init__(
        self,
        url: str,
        *,
        patience: timedelta = timedelta(milliseconds=20),
        breaker: CircuitBreaker | None = None,
    ) -> None:
        super().__init__(url, patience=patience, breaker=breaker)

    async def get(self, question: CacheKey) -> bytes | None:
        """The answer, if remembered and given within the patience."""
        return await self._find(key_of(question), bytes)

    async def put(self, question: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        """Have the answer remembered some time soon, unless the server is not working just now."""
        if self._keeps:
            self._writes.write(key_of(question), (answer, lifetime))

    async def _store(self, values: Mapping[bytes, tuple[bytes, timedelta]]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for key, (answer, lifetime) in values.items():
            pipeline.set(key, answer, px=max(lifetime, _MILLISECOND))
        await pipeline.execute()
