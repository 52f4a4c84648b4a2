"""Limits as the settings want them: failed log-ins, requests and waiting batches of a caller."""

from datetime import timedelta
from typing import Any

from adapters.memory.request_rates import MemoryRequestRates
from adapters.observability.observability import Observability
from adapters.persistence.access.login_attempts import PostgresLoginAttempts
from adapters.security.derived_keys import Purpose
from application.ports.access.credentials import AccessTokens
from application.ports.access.login_attempts import LoginAttempts
from application.ports.access.user_directory import UserDirectory
from application.use_cases.access.enforce_rate_limit import EnforceRateLimit
from application.use_cases.access.log_in import IdentifyCaller
from domain.access.rate_limit import LoginLimits, RateLimit
from domain.batches.quota import BatchQuota
from entrypoints.composition.secrets import key_for
from entrypoints.configuration.settings import Settings


def login_limits(settings: Settings) -> LoginLimits:
    """How often logging in may fail."""
    within = timedelta(minutes=settings.login_minutes)
    return LoginLimits(
        together=RateLimit(settings.login_failures, within),
        name=RateLimit(settings.login_failures_per_name, within),
        address=RateLimit(settings.login_failures_per_address, within),
    )


def log_in_attempts(settings: Settings, engine: Any, observability: Observability) -> LoginAttempts:
    """Attempts to log in, counted by all processes together."""
    limits = login_limits(settings)
    secret = key_for(settings, Purpose.LOG_IN_ATTEMPTS)
    refused = observability.metrics.rate_limited
    return PostgresLoginAttempts(engine, limits, secret=secret, on_refusal=refused)


def caller_knower(
    settings: Settings, tokens: AccessTokens, directory: UserDirectory, observability: Observability
) -> IdentifyCaller:
    """What knows callers by their tokens, and counts their requests only where they are limited."""
    if not settings.requests_per_second:
        return IdentifyCaller(tokens, directory)
    rates = MemoryRequestRates(
        settings.requests_per_second, settings.requests_at_once, on_refusal=observability.metrics.rate_limited
    )
    return EnforceRateLimit(tokens, directory, rates)


def batch_quota(settings: Settings) -> BatchQuota:
    """What one caller may have waiting."""
    return BatchQuota(batches=settings.batch_max_queued, size=settings.batch_max_queued_mb << 20)
