"""Metrics of a process and what it depends on."""

import platform
from collections.abc import Callable

from adapters.observability.metrics.families import Gauge, Histogram, Numbers

_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


PoolUse = Callable[[], tuple[int, int, int]]
"""Returns the connections of a pool: in use, idle, and how many there may be."""


class ProcessMetrics:
    """Versions, dependencies, connection pools, the event loop, and TLS certificates."""

    def __init__(self) -> None:
        self._pools: dict[str, PoolUse] = {}
        self._versions_in_use: Callable[[], tuple[str, ...]] = tuple
        versions = Gauge(
            "scoring_build_info",
            "Release, model, policy and Python version in use; always 1.",
            ["version", "model_version", "policy_version", "python_version"],
            read=lambda: {values: 1 for values in (self._versions_in_use(),) if values},
        )
        self._dependencies = Gauge(
            "scoring_dependency_up",
            "Whether a dependency works, checked every 5 seconds: 1 or 0. `database` (answers, and is migrated), "
            "`ledger` (accepts decisions; a lost connection is noticed by the next one), `redis`, `model`, "
            "`policy` (the policy in force is known).",
            ["dependency"],
        )
        lag = Histogram(
            "scoring_event_loop_lag_seconds",
            "How much later than scheduled the event loop runs a callback, measured four times a second.",
            (),
            _LAG_BUCKETS,
        )
        self.observe_lag = lag.series().observe
        self._certificates = Gauge(
            "scoring_tls_certificate_expiry_timestamp_seconds",
            "When the TLS certificate in use expires, in seconds since 1970; only where one is configured.",
            ["process"],
        )
        connections = Gauge(
            "scoring_database_pool_connections",
            "Connections of the pools `general` and `access` (users and sessions), by state: `in_use` or `idle`.",
            ["pool", "state"],
            read=self._connections,
        )
        limits = Gauge(
            "scoring_database_pool_limit",
            "The number of connections that a pool may have.",
            ["pool"],
            read=lambda: {(name,): use()[2] for name, use in self._pools.items()},
        )
        self.families = (versions, self._dependencies, lag, connections, limits, self._certificates)

    def set_versions(
        self, *, version: str, model_version: str, policy_version: Callable[[], str] = lambda: ""
    ) -> None:
        """Set the release and model in use, and what returns the version of the policy in force."""
        self._versions_in_use = lambda: (version, model_version, policy_version(), platform.python_version())

    def set_dependency(self, name: str, *, up: bool) -> None:
        """Set whether a dependency works."""
        self._dependencies.set(int(up), name)

    def set_certificate_expiry(self, process: str, timestamp: float) -> None:
        """Set when the certificate of a server expires, in seconds since 1970."""
        self._certificates.set(timestamp, process)

    def watch_pool(self, name: str, use: PoolUse) -> None:
        """Include a connection pool."""
        self._pools[name] = use

    def _connections(self) -> Numbers:
        numbers: dict[tuple[str, ...], float] = {}
        for name, use in self._pools.items():
            numbers[name, "in_use"], numbers[name, "idle"], _ = use()
        return numbers
