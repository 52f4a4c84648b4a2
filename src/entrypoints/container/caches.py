"""The caches of one process: what it remembers itself, and what it shares with others through Redis.

Redis's client is imported only where it is wanted: it costs a third of a second and 40 MB.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.memory.predictions import MemoryPredictionCache
from adapters.observability.observability import Observability
from application.ports.dependencies import Dependency
from application.ports.prediction_cache import PredictionCache
from entrypoints.settings import Settings


async def _nothing() -> None:
    """Close what needs no closing."""


@dataclass(frozen=True, slots=True)
class Caches:
    """The caches, and how they are closed."""

    predictions: PredictionCache
    close: Callable[[], Awaitable[None]] = _nothing


def caches(settings: Settings, observability: Observability) -> Caches:
    """The caches as the settings want them, their figures among the metrics; nothing is connected yet."""
    near = MemoryPredictionCache()
    watch = observability.metrics.watch_cache
    if settings.prediction_cache == "process":
        watch("predictions", near.figures)
        return Caches(near)
    from adapters.caching.redis_prediction_cache import RedisPredictionCache  # noqa: PLC0415 - slow to import
    from adapters.caching.tiered_prediction_cache import TieredPredictionCache  # noqa: PLC0415 - as above

    far = RedisPredictionCache(settings.redis_url or "")
    tiers = TieredPredictionCache(near=near, far=observability.observe_cache(far))
    watch("predictions", tiers.figures)
    watch("predictions_shared", far.figures)
    return Caches(tiers, far.aclose)


def dependencies_on_caches(settings: Settings, face: str) -> list[Dependency]:
    """What of the caches a face stands on: the web interface keeps its sessions in Redis."""
    if face == "api" and settings.prediction_cache == "process":
        return []
    from adapters.caching.redis_dependency import RedisDependency  # noqa: PLC0415 - slow to import

    return [RedisDependency(settings.redis_url or "")]
