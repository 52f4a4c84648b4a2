"""Values by key in Redis or Valkey, with a timeout and a circuit breaker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from adapters.caching.circuit_breaker import CircuitBreaker
from adapters.caching.redis_client import open_client

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT = timedelta(milliseconds=20)
_MIN_LIFETIME = timedelta(milliseconds=1)


class RedisCache:
    """Gets and puts that wait for the server at most `timeout` each, and fail as misses.

    The first call opens the client; a `get` does not wait for that, a `put` does. Belongs to one event loop. Close
    it with `aclose`.
    """

    def __init__(self, url: str, *, timeout: timedelta = _TIMEOUT, breaker: CircuitBreaker | None = None) -> None:
        self._url = url
        self._timeout = timeout.total_seconds()
        self._breaker = breaker or CircuitBreaker()
        self._opening: asyncio.Task[Redis] | None = None
        self._counts = dict.fromkeys(("hits", "misses", "failures", "skipped", "stored", "not_stored"), 0)

    async def get(self, key: bytes) -> bytes | None:
        """The value; None if there is none, or none within the timeout."""
        value, client = None, self._client()
        if not client.done() or not self._breaker.allows_call():
            self._counts["skipped"] += 1
        else:
            async with self._call():
                value = cast("bytes | None", await client.result().get(key))
        self._counts["misses" if value is None else "hits"] += 1
        return value

    async def put(self, key: bytes, value: bytes, *, lifetime: timedelta) -> None:
        """Store the value for `lifetime`, at least a millisecond."""
        stored, client = False, self._client()
        await asyncio.wait((client,))
        if self._breaker.allows_call():
            async with self._call():
                await client.result().set(key, value, px=max(lifetime, _MIN_LIFETIME))
                stored = True
        self._counts["stored" if stored else "not_stored"] += 1

    async def aclose(self) -> None:
        """Close the connections."""
        if self._opening is not None:
            await asyncio.wait((self._opening,))
            if self._opening.exception() is None:
                await self._opening.result().aclose()

    def figures(self) -> dict[str, float]:
        """Counts since the start, and the state of the `breaker`: 0 closed, 1 open, 0.5 half open."""
        return {**self._counts, "breaker": self._breaker.state.value}

    def _client(self) -> "asyncio.Task[Redis]":
        if self._opening is None:
            self._opening = asyncio.create_task(open_client(self._url))
        return self._opening

    @asynccontextmanager
    async def _call(self) -> AsyncIterator[None]:
        """One call of the server; errors and timeouts are counted and suppressed."""
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except Exception:
            self._counts["failures"] += 1
            self._breaker.failed()
        except asyncio.CancelledError:
            self._breaker.cancelled()
            raise
        else:
            self._breaker.succeeded()
