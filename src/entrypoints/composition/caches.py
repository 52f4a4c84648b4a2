"""The caches of one process: in its own memory, or shared with other processes through Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.caching.redis_cache import RedisCache
from adapters.caching.redis_client import RedisDependency
from adapters.caching.redis_prediction_cache import RedisPredictionCache
from adapters.caching.redis_result_cache import RedisResultCache
from adapters.memory.result_cache import MemoryResultCache
from adapters.observability.observability import Observability
from application.ports.models.prediction_cache import PredictionCache
from application.ports.operations.dependencies import Dependency
from application.ports.operations.result_cache import ResultCache
from entrypoints.configuration.settings import Settings

Close = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Caches:
    """The caches, and how those that hold a connection are closed."""

    predictions: PredictionCache | None
    answers: ResultCache
    closing: tuple[Close, ...] = ()

    async def close(self) -> None:
        """Let go of every server."""
        await asyncio.gather(*(close() for close in self.closing))


def caches(settings: Settings, observability: Observability) -> Caches:
    """The caches as the settings want them, their figures among the metrics; nothing is connected yet."""
    closing: list[Close] = []
    predictions = _predictions(settings, observability, closing)
    return Caches(predictions, _answers(settings, observability, closing), tuple(closing))


def _predictions(settings: Settings, observability: Observability, closing: list[Close]) -> PredictionCache | None:
    if settings.prediction_cache == "none":
        return None
    cache = RedisCache(settings.redis_url or "")
    observability.metrics.watch_cache("predictions", cache.figures)
    closing.append(cache.aclose)
    return observability.observe_cache(RedisPredictionCache(cache))


def _answers(settings: Settings, observability: Observability, closing: list[Close]) -> ResultCache:
    if settings.redis_url is None:
        local = MemoryResultCache()
        observability.metrics.watch_cache("answers", local.figures)
        return local
    cache = RedisCache(settings.redis_url)
    observability.metrics.watch_cache("answers", cache.figures)
    closing.append(cache.aclose)
    return RedisResultCache(cache)


def dependencies_on_caches(settings: Settings, face: str) -> list[Dependency]:
    """What of the caches a face stands on: the web interface keeps its sessions in Redis.

    The API that shares no predictions stands on none: what it asks Redis for, it can do without.
    """
    if face == "api" and settings.prediction_cache == "none":
        return []
    return [RedisDependency(settings.redis_url or "")]
