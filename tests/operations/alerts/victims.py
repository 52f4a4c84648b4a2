"""The processes that the drill kills, and the alerts that must fire for each."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.polling import eventually
from operations.alerts.compose_processes import kill_engine
from operations.alerts.kill_setup import REPEAT, KillSetup

_SILENCE = 3 * REPEAT
"""Seconds without a notification of Watchdog, after which the service outside raises its alarm."""
_EXPIRY = 60.0
"""Seconds after which Alertmanager considers an alert resolved that Prometheus no longer sends: four intervals."""


@dataclass(frozen=True)
class Alert:
    """An alert that must fire within so many seconds after the kill, and resolve after the restart."""

    name: str
    fires: Callable[[], bool]
    within: float


@dataclass(frozen=True)
class Victim:
    """A process to kill, how to start it again, and its alerts, in the order in which they fire."""

    name: str
    kill: Callable[[], None]
    restart: Callable[[], object]
    alerts: tuple[Alert, ...]


def of_the_service(setup: KillSetup) -> Iterator[Victim]:
    """The processes that serve decisions and batches, and what they need."""
    processes = setup.processes
    for number, replica in processes.replicas.items():
        alerts = _replica_alerts(setup, "replicas", number, "scoring-api", processes.metrics_of(number))
        yield Victim(f"API, replica {number}", replica.kill, replica.start, alerts)
    database, cache = processes.database, processes.cache
    alerts = (_alert(setup, "CacheDown", 300),)
    yield Victim("Valkey", lambda: kill_engine(cache), cache.start, alerts)
    alerts = (_alert(setup, "ServiceDown", 60, job="scoring-worker"),)
    yield Victim("worker", processes.worker.kill, processes.worker.start, alerts)
    alerts = (_alert(setup, "ServiceDown", 60, job="scoring-proxy"), _alert(setup, "AddressUnreachable", 120))
    yield Victim("proxy", processes.balancer.kill, processes.balancer.start, alerts)
    alerts = (_alert(setup, "DatabaseDown", 60),)
    yield Victim("PostgreSQL", lambda: kill_engine(database), database.start, alerts)


def of_the_web_interface(setup: KillSetup) -> Iterator[Victim]:
    """The web interfaces, each and then both."""
    processes = setup.processes
    for number, page in processes.pages.items():
        alerts = _replica_alerts(setup, "pages", number, "scoring-ui", processes.metrics_of(f"web {number}"))
        yield Victim(f"web interface {number}", page.kill, page.start, alerts)
    alerts = (_alert(setup, "ServiceDown", 60, job="scoring-ui"),)
    yield Victim("both web interfaces", processes.kill_web_interfaces, processes.start_web_interfaces, alerts)


def of_the_monitoring(setup: KillSetup) -> Iterator[Victim]:
    """What watches the service; the blackbox exporter first, which must run when the proxy is killed."""
    node, blackbox, manager, traces = setup.node, setup.blackbox, setup.manager, setup.traces
    yield Victim("blackbox exporter", blackbox.kill, blackbox.start, (_monitoring_down(setup, "probe-https"),))
    alerts = (_watchdog_missing(setup, _SILENCE), _monitoring_down(setup, "alertmanager"))
    yield Victim("Alertmanager", manager.kill, manager.start, alerts)
    yield Victim("node exporter", node.kill, node.start, (_monitoring_down(setup, "node"),))

    def start_traces() -> None:
        traces.start()
        eventually(lambda: traces.spans > 0)

    yield Victim("receiver of traces", traces.kill, start_traces, (_monitoring_down(setup, "collector"),))


def at_the_end(setup: KillSetup) -> Iterator[Victim]:
    """Prometheus, which sees the alerts of all others."""
    prometheus = setup.alerts.prometheus
    alerts = (_watchdog_missing(setup, _EXPIRY + _SILENCE),)
    yield Victim("Prometheus", prometheus.kill, prometheus.start, alerts)


def _alert(setup: KillSetup, name: str, within: float, **labels: str) -> Alert:
    return Alert(name, lambda: setup.alerts.firing(name, **labels), within)


def _replica_alerts(setup: KillSetup, proxy: str, server: str, job: str, instance: str) -> tuple[Alert, ...]:
    return (
        _alert(setup, "ReplicaNotReady", 180, proxy=proxy, server=server),
        _alert(setup, "InstanceDown", 300, job=job, instance=instance),
    )


def _monitoring_down(setup: KillSetup, job: str) -> Alert:
    return _alert(setup, "MonitoringDown", 300, job=job)


def _watchdog_missing(setup: KillSetup, within: float) -> Alert:
    """The dead man's switch: no notification of Watchdog arrives."""

    def missing() -> bool:
        return time.monotonic() - setup.notifications.last["watchdog"] > _SILENCE

    return Alert("Watchdog missing", missing, within)
