"""Values by key in Redis or Valkey, which nobody ever waits long for: what every cache there is made of."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Generic, TypeVar, cast

from adapters.caching.circuit_breaker import BreakerState, CircuitBreaker
from adapters.caching.gathered_reads import GatheredReads
from adapters.caching.gathered_writes import GatheredWrites
from adapters.caching.redis_client import redis_client

Value = TypeVar("Value")
Read = TypeVar("Read")


class RedisCache(ABC, Generic[Value]):
    """A get waits for `patience` at most, a put not at all; what is slow or down has nothing.

    Lives in one event loop. Close it with `aclose`.
    """

    def __init__(self, url: str, *, patience: timedelta, breaker: CircuitBreaker | None) -> None:
        self._client = redis_client(url)
        self._breaker = breaker or CircuitBreaker()
        self._reads = GatheredReads(self._fetch, self._breaker, patience=patience.total_seconds())
        self._writes: GatheredWrites[Value] = GatheredWrites(self._store)
        self._hits = 0
        self._misses = 0

    @abstractmethod
    async def _store(self, values: Mapping[bytes, Value]) -> None:
        """Keep values by key, in one round trip."""

    async def _find(self, key: bytes, read: Callable[[bytes], Read | None]) -> Read | None:
        """What `read` makes of the value; None where there is none in time, or nothing can be made of it."""
        value = await self._reads.read(key)
        found = None if value is None else read(value)
        if found is None:
            self._misses += 1
        else:
            self._hits += 1
        return found

    @property
    def _keeps(self) -> bool:
        """Whether a value has any chance to be kept just now."""
        return self._breaker.state is BreakerState.CLOSED

    async def drained(self) -> None:
        """Return once everything put so far is kept, or failed to be."""
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
