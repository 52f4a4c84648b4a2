"""Logs, metrics, traces and error reports of one process."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from adapters.observability.observability import Observability
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.policies.policy_in_force import PolicyInForce
from entrypoints.configuration.settings import Settings

VERSION = version("credit-scoring")
"""The release of this distribution."""
SERVERS = ("api", "ui")


def start_observability(
    settings: Settings, process: str, model_version: Callable[[], str], policy: Callable[[], PolicyInForce]
) -> Observability:
    """Start observability for a process ("api", "ui", "worker" or "command").

    A command only logs. The metrics of servers state the versions that decide.
    """
    decides, exports = process in SERVERS, process != "command"
    return Observability.start(
        service=f"scoring-{process}",
        version=VERSION,
        model_version=model_version() if decides else "",
        policy_version=partial(_policy_version, policy()) if decides else lambda: "",
        log_level=settings.log_level,
        log_format=settings.log_format,
        otlp_endpoint=settings.otlp_endpoint if exports else None,
        trace_sample_rate=settings.trace_sample_rate,
        sentry_dsn=settings.sentry_dsn if exports else None,
        environment=settings.environment,
    )


def _policy_version(policy: PolicyInForce) -> str:
    try:
        return policy().version
    except DependencyUnavailable:
        return ""
