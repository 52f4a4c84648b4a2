"""Adapters whose choice depends on the settings."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.caching.redis_cache import RedisCache
from adapters.caching.redis_client import RedisDependency
from adapters.caching.redis_prediction_cache import RedisPredictionCache
from adapters.caching.redis_result_cache import RedisResultCache
from adapters.memory.request_rates import MemoryRequestRates
from adapters.memory.result_cache import MemoryResultCache
from adapters.messaging.checkpoint_file import CheckpointFile
from adapters.observability.observability import Observability
from adapters.persistence.access.login_attempts import PostgresLoginAttempts
from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import database_engine
from adapters.security.derived_keys import Purpose
from application.ports.access.credentials import AccessTokens
from application.ports.access.login_attempts import LoginAttempts
from application.ports.access.user_directory import UserDirectory
from application.ports.audit.checkpoint_destination import CheckpointDestination
from application.ports.models.prediction_cache import PredictionCache
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import Dependency
from application.ports.operations.result_cache import ResultCache
from application.use_cases.access.enforce_rate_limit import EnforceRateLimit
from application.use_cases.access.log_in import IdentifyCaller
from domain.access.rate_limit import LoginLimits, RateLimit
from domain.batches.quota import BatchQuota
from entrypoints.composition.secrets import key_for, recipient_secrets
from entrypoints.configuration.settings import Settings

Close = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Caches:
    """The caches of one process, and what closes their connections."""

    predictions: PredictionCache | None
    results: ResultCache
    closing: tuple[Close, ...] = ()

    async def close(self) -> None:
        await asyncio.gather(*(close() for close in self.closing))


def caches(settings: Settings, observability: Observability) -> Caches:
    """The caches, which connect when first used; their hits and misses are among the metrics."""
    closing: list[Close] = []
    predictions = _predictions(settings, observability, closing)
    return Caches(predictions, _results(settings, observability, closing), tuple(closing))


def _predictions(settings: Settings, observability: Observability, closing: list[Close]) -> PredictionCache | None:
    if settings.prediction_cache == "none":
        return None
    cache = RedisCache(settings.redis_url or "")
    observability.metrics.caches.watch("predictions", cache.figures)
    closing.append(cache.aclose)
    return observability.observe_cache(RedisPredictionCache(cache))


def _results(settings: Settings, observability: Observability, closing: list[Close]) -> ResultCache:
    """The result cache; `answers` in the metrics."""
    if settings.redis_url is None:
        local = MemoryResultCache()
        observability.metrics.caches.watch("answers", local.figures)
        return local
    cache = RedisCache(settings.redis_url)
    observability.metrics.caches.watch("answers", cache.figures)
    closing.append(cache.aclose)
    return RedisResultCache(cache)


def service_engine(settings: Settings, **options: Any) -> Any:
    """Connections that need no session of their own: through the pooler where one is configured."""
    pooled = settings.database_pooler_url is not None
    return database_engine(settings.database_pooler_url or settings.database_url or "", pooled=pooled, **options)


def redis_dependencies(settings: Settings) -> list[Dependency]:
    """Redis as a dependency of the API's health, where it caches predictions."""
    return [] if settings.prediction_cache == "none" else [RedisDependency(settings.redis_url or "")]


def login_limits(settings: Settings) -> LoginLimits:
    within = timedelta(minutes=settings.login_failure_window_minutes)
    return LoginLimits(
        per_username_and_address=RateLimit(settings.login_failure_limit, within),
        name=RateLimit(settings.login_failure_limit_per_username, within),
        address=RateLimit(settings.login_failure_limit_per_address, within),
    )


def login_attempts(
    settings: Settings, engine: Any, observability: Observability, events: EventChain
) -> LoginAttempts:
    """Login attempts, counted across all processes."""
    secret = key_for(settings, Purpose.LOG_IN_ATTEMPTS)
    return PostgresLoginAttempts(
        engine,
        login_limits(settings),
        secret=secret,
        on_refusal=observability.metrics.access.rate_limited,
        events=events,
    )


def identify_caller(
    settings: Settings, tokens: AccessTokens, directory: UserDirectory, observability: Observability
) -> IdentifyCaller:
    """The use case that authenticates callers, and enforces a rate limit where one is set."""
    if not settings.rate_limit:
        return IdentifyCaller(tokens, directory)
    rates = MemoryRequestRates(
        settings.rate_limit, settings.rate_limit_burst, on_refusal=observability.metrics.access.rate_limited
    )
    return EnforceRateLimit(tokens, directory, rates)


def batch_quota(settings: Settings) -> BatchQuota:
    return BatchQuota(batches=settings.batch_max_queued, size=settings.batch_max_queued_mb << 20)


def checkpoint_destinations(
    settings: Settings, clock: Clock, published: Callable[[str, int], None]
) -> list[CheckpointDestination]:
    """Where copies of checkpoints are published to; `published` is called for each, with 0 copies so far."""
    destinations: list[CheckpointDestination] = []
    if settings.checkpoint_file is not None:
        destinations.append(CheckpointFile(settings.checkpoint_file))
    if settings.checkpoint_webhook_url is not None:
        from adapters.messaging.checkpoint_webhook import CheckpointWebhook  # noqa: PLC0415 - aiohttp takes 0.2 s to import
        from adapters.messaging.webhook_messenger import WebhookMessenger  # noqa: PLC0415 - as above

        # The operator's own address may be a private one.
        messenger = WebhookMessenger(recipient_secrets(settings), allow_any_address=True)
        destinations.append(CheckpointWebhook(messenger, settings.checkpoint_webhook_url, clock))
    for destination in destinations:
        published(destination.name, 0)  # one that never accepts a copy is visible too
    return destinations
