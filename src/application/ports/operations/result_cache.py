"""Results that take tens of milliseconds to compute and may be reused for a while."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Everything that a result depends on: equal keys have equal results.

    `kind` names the use case and the format of its results ("counterfactual 1"). Change its number whenever either
    changes, so that replicas of two releases do not misread each other. `depends_on` holds the inputs and the
    fingerprints of model and policy. `requested_by` is the user's name if the result depends on it, else empty.
    """

    kind: str
    depends_on: tuple[str, ...]
    requested_by: str = ""


class ResultCache(Protocol):
    """Caches results as bytes. A cache that is slow or down is a miss, never an error.

    Callers check permissions before they read the cache.
    """

    @abstractmethod
    async def get(self, key: CacheKey) -> bytes | None:
        """The result, if it is cached."""

    @abstractmethod
    async def put(self, key: CacheKey, result: bytes, *, lifetime: timedelta) -> None:
        """Cache the result for at most `lifetime`, and at least a millisecond."""
