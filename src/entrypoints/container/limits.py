"""Limits as the settings want them: failed log-ins, requests and waiting batches of a caller."""

from datetime import timedelta
from typing import Any

from adapters.memory.request_rates import MemoryRequestRates
from adapters.observability.observability import Observability
from adapters.persistence.log_in_attempts import PostgresLogInAttempts
from application.ports.credentials import AccessTokens
from application.ports.log_in_attempts import LogInAttempts
from application.use_cases.admit_caller import AdmitCaller
from application.use_cases.log_in import IdentifyCaller
from domain.access.allowance import Allowance, LogInLimits
from domain.batches.quota import BatchQuota
from entrypoints.container.secrets import secret_key
from entrypoints.settings import Settings


def log_in_attempts(settings: Settings, engine: Any, observability: Observability) -> LogInAttempts:
    """Attempts to log in, counted by all processes together."""
    within = timedelta(minutes=settings.login_minutes)
    limits = LogInLimits(
        together=Allowance(settings.login_failures, within),
        name=Allowance(settings.login_failures_per_name, within),
        address=Allowance(settings.login_failures_per_address, within),
    )
    refused = observability.metrics.refused
    return PostgresLogInAttempts(engine, limits, secret=secret_key(settings), on_refusal=refused)


def caller_knower(settings: Settings, tokens: AccessTokens, observability: Observability) -> IdentifyCaller:
    """What knows callers by their tokens, and counts their requests only where they are limited."""
    if not settings.requests_per_second:
        return IdentifyCaller(tokens)
    rates = MemoryRequestRates(
        settings.requests_per_second, settings.requests_at_once, on_refusal=observability.metrics.refused
    )
    return AdmitCaller(tokens, rates)


def batch_quota(settings: Settings) -> BatchQuota:
    """What one caller may have waiting."""
    return BatchQuota(batches=settings.batch_max_queued, size=settings.batch_max_queued_mb << 20)
