"""What a process does for its metrics: serving them, and measuring at intervals what no event counts."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from adapters.caching.redis_client import RedisDependency
from adapters.memory.policy_in_force import PolicyDependency
from adapters.observability.metrics.event_loop_lag import EventLoopLag
from adapters.persistence.database.connections import pool_use
from adapters.persistence.decisions.ledger_dependency import LedgerDependency
from adapters.persistence.monitoring.stored_states import PostgresStoredStates
from adapters.persistence.outcomes.loan_book import PostgresLoanBooks
from adapters.scoring.bundles.model_dependency import ModelDependency
from application.ports.operations.dependencies import Dependency
from application.use_cases.operations.check_health import CheckHealth
from domain.audit.verified_position import SignedVerification
from entrypoints.composition.container import Container
from entrypoints.configuration.settings import metrics_setting
from entrypoints.http.metrics_port import MetricsPort
from entrypoints.periodic_tasks.measurements import MeasureDependencies, MeasureStoredState
from entrypoints.periodic_tasks.periodic_tasks import PeriodicTask, PeriodicTasks

DEPENDENCY_SECONDS = 5.0
STATE_SECONDS = 15.0
LOAN_SECONDS = 60.0


class Part(Protocol):
    """Opened before the first request and closed after the last."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


def metrics_parts(container: Container, process: str) -> list[Part]:
    """The metrics port of a process ("api", "ui", "worker") and its measurements; nothing without a port.

    Each of several workers uses the first free port from the configured one on.
    """
    settings, setting = container.settings(), metrics_setting(process)
    first: int | None = getattr(settings, setting.name)
    if first is None:
        return []
    metrics = container.observability().metrics
    ports = range(first, first + (settings.api_workers if process == "api" else 1))
    port = MetricsPort(settings.metrics_host, ports, setting.variable, metrics.exposition)
    metrics.process.watch_pool("general", partial(pool_use, container.engine()))
    dependencies: dict[str, Dependency] = {"database": container.database()}
    if process != "worker":
        ledger = container.unobserved_ledger()
        metrics.ledger.pending = lambda: ledger.pending
        metrics.process.watch_pool("access", partial(pool_use, container.access_engine()))
        metrics.process.watch_pool("history", partial(pool_use, container.history_engine()))
        dependencies |= {
            "ledger": LedgerDependency(ledger),
            "model": ModelDependency(container.model(), container.product()()),
            "policy": PolicyDependency(container.policy()),
        }
        if settings.redis_url is not None:
            dependencies["redis"] = RedisDependency(settings.redis_url)
    check = CheckHealth(list(dependencies.values()))
    measure = MeasureDependencies(check, list(dependencies), metrics.process.set_dependency)
    parts: list[Part] = [
        port,
        EventLoopLag(metrics.process.observe_lag),
        PeriodicTasks([PeriodicTask("checking dependencies", measure)], interval=DEPENDENCY_SECONDS),
    ]
    if process == "api":
        states = PostgresStoredStates(container.engine(), partial(_is_signed, container))
        measure_state = MeasureStoredState(states, metrics.state.set, metrics.state.clear)
        task = PeriodicTask("reading the state of the record and the queues", measure_state)
        parts.append(PeriodicTasks([task], interval=STATE_SECONDS))
        loans = MeasureStoredState(
            PostgresLoanBooks(container.history_engine()), metrics.loans.set, metrics.loans.clear
        )
        parts.append(PeriodicTasks([PeriodicTask("counting loans", loans)], interval=LOAN_SECONDS))
    return parts


def _is_signed(container: Container, details: Mapping[str, Any]) -> bool:
    """Whether the service signed the verification with these details."""
    found = SignedVerification.read(details)
    signatures = container.audit_signatures()
    return found is not None and found.is_signed_by(container.trusted_keys(), signatures.verify)
