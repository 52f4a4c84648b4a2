"""The processes of docker-compose.yml that can run here, and what watches them, for the drill of kills."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.alertmanager import Alertmanager, Notifications
from operations.alerts.compose_processes import Alerts, Processes, running_processes, watched
from operations.alerts.monitoring_processes import TraceReceiver, address, blackbox_exporter, node_exporter
from operations.alerts.scaled_rules import scaled_rules
from operations.alerts.test_rules import RULE_FILES
from replicas.behind_haproxy import ServerProcess

REPEAT = 15.0
"""Seconds after which Alertmanager repeats a notification; five minutes for Watchdog as shipped."""


@dataclass(frozen=True)
class KillSetup:
    """What is killed, and what sees it."""

    processes: Processes
    node: ServerProcess
    blackbox: ServerProcess
    traces: TraceReceiver
    manager: Alertmanager
    alerts: Alerts
    notifications: Notifications


@contextmanager
def kill_setup(folder: Path, *, scaled: bool) -> Iterator[KillSetup]:
    """Everything running and healthy; no load yet."""
    with ExitStack() as stack:
        node, blackbox, traces = node_exporter(folder), blackbox_exporter(folder), TraceReceiver(folder)
        for server in (node, blackbox, traces):
            stack.enter_context(server)
        settings = {"SCORING_OTLP_ENDPOINT": traces.endpoint, "SCORING_TRACE_SAMPLE_RATE": "0.1"}
        processes = stack.enter_context(running_processes(folder, **settings))
        notifications = stack.enter_context(Notifications())
        manager = Alertmanager(notifications, wait="5s", repeat=f"{REPEAT:g}s")
        stack.enter_context(manager)
        more = {
            "node": [address(node)],
            "probe-https": [f"https://127.0.0.1:{processes.api_port}/health/ready"],
            "collector": [address(traces)],
            "alertmanager": [manager.address],
        }
        alerts = stack.enter_context(
            watched(
                processes,
                scaled_rules(folder) if scaled else RULE_FILES,
                interval="1s" if scaled else "15s",
                more=more,
                blackbox=address(blackbox),
                alertmanagers=[manager.address],
            )
        )
        yield KillSetup(processes, node, blackbox, traces, manager, alerts, notifications)
