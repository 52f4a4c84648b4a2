"""The result cache in Redis or Valkey, shared by all replicas of the API and the web interface."""

from datetime import timedelta
from hashlib import sha256

import msgspec

from adapters.caching.redis_cache import RedisCache
from application.ports.operations.result_cache import CacheKey, ResultCache

_PREFIX = b"scoring:result:1:"
_encode = msgspec.msgpack.Encoder().encode


def result_key(key: CacheKey) -> bytes:
    """A key of fixed length that reveals nothing about the user or the applicant."""
    parts = (key.kind, key.requested_by, key.depends_on)
    return _PREFIX + sha256(_encode(parts)).hexdigest().encode()


class RedisResultCache(ResultCache):
    """Keeps each result for its own lifetime."""

    def __init__(self, cache: RedisCache) -> None:
        self._cache = cache

    async def get(self, key: CacheKey) -> bytes | None:
        """The result, if it is cached."""
        return await self._cache.get(result_key(key))

    async def put(self, key: CacheKey, result: bytes, *, lifetime: timedelta) -> None:
        """Store the result."""
        await self._cache.put(result_key(key), result, lifetime=lifetime)
