"""The caches of one process: what it remembers itself, and what it shares with others through Redis.

Redis's client is imported only where it is wanted: it costs a quarter of a second and 8 MB.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.caching.lazy_redis_cache import Closable, LazyRedisCache
from adapters.memory.predictions import MemoryPredictionCache
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
    from adapters.caching.redis_prediction_cache import RedisPredictionCache  # noqa: PLC0415 - slow to import
    from adapters.caching.tiered_prediction_cache import TieredPredictionCache  # noqa: PLC0415 - as above

    watch = observability.metrics.watch_cache
    far = RedisPredictionCache(settings.redis_url or "")
    tiers = TieredPredictionCache(near=MemoryPredictionCache(), far=observability.observe_cache(far))
    watch("predictions", tiers.figures)
    watch("predictions_shared", far.figures)
    closing.append(far.aclose)
    return tiers


def _answers(settings: Settings, observability: Observability, closing: list[Close]) -> ResultCache:
    watch, url = observability.metrics.watch_cache, settings.redis_url
    if url is None:
        alone = MemoryResultCache()
        watch("answers", alone.figures)
        return alone

    def open_redis() -> Closable:
        from adapters.caching.redis_result_cache import RedisResultCache  # noqa: PLC0415 - slow

        return RedisResultCache(url)

    shared = LazyRedisCache(open_redis)
    watch("answers", shared.figures)
    closing.append(shared.aclose)
    return shared


def dependencies_on_caches(settings: Settings, face: str) -> list[Dependency]:
    """What of the caches a face stands on: the web interface keeps its sessions in Redis.

    The API that shares no predictions stands on none: what it asks Redis for, it can do without.
    """
    if face == "api" and settings.prediction_cache == "none":
        return []
    from adapters.caching.redis_dependency import RedisDependency  # noqa: PLC0415 - slow to import

    return [RedisDependency(settings.redis_url or "")]
