"""Remembered answers in Redis or Valkey, shared by all replicas and both faces."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import cast

import msgspec

from adapters.caching.circuit_breaker import BreakerState, CircuitBreaker
from adapters.caching.gathered_reads import GatheredReads
from adapters.caching.gathered_writes import GatheredWrites
from adapters.caching.redis_client import redis_client
from application.ports.remembered_answers import Question, RememberedAnswers

_PREFIX = b"scoring:answer:1:"
_MILLISECOND = timedelta(milliseconds=1)

_encode = msgspec.msgpack.Encoder().encode


def key_of(question: Question) -> bytes:
    """A key of fixed length that tells nothing of who asked, or about whom."""
    parts = (question.kind, question.asker, question.depends_on)
    return _PREFIX + sha256(_encode(parts)).hexdigest().encode()


class RedisRememberedAnswers(RememberedAnswers):
    """A get waits 20 ms at most, a put not at all. Lives in one event loop. Close it with `aclose`."""

    def __init__(
        self,
        url: str,
        *,
        patience: timedelta = timedelta(milliseconds=20),
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._client = redis_client(url)
        self._breaker = breaker or CircuitBreaker()
        self._reads = GatheredReads(self._fetch, self._breaker, patience=patience.total_seconds())
        self._writes: GatheredWrites[tuple[bytes, timedelta]] = GatheredWrites(self._store)
        self._hits = 0
        self._misses = 0

    async def get(self, question: Question) -> bytes | None:
        """The answer, if remembered and given within the patience."""
        answer = await self._reads.read(key_of(question))
        if answer is None:
            self._misses += 1
        else:
            self._hits += 1
        return answer

    async def put(self, question: Question, answer: bytes, *, lifetime: timedelta) -> None:
        """Have the answer remembered some time soon, unless the server is not working just now."""
        if self._breaker.state is BreakerState.CLOSED:
            self._writes.write(key_of(question), (answer, lifetime))

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

    async def _store(self, answers: Mapping[bytes, tuple[bytes, timedelta]]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for key, (answer, lifetime) in answers.items():
            pipeline.set(key, answer, px=max(lifetime, _MILLISECOND))
        await pipeline.execute()
