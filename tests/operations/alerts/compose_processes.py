"""The services of docker-compose.yml as plain processes, with their metrics scraped by a real Prometheus."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey
from adapters.embedded.engine import Engine
from harness.polling import eventually
from harness.prometheus import Prometheus, local_configuration
from harness.running_service import SCORING, free_ports
from replicas.behind_haproxy import Pair, ServerProcess, token_from


class Processes(Pair):
    """Two replicas of the API and of the web interface behind HAProxy, a worker, PostgreSQL and Valkey."""

    def __init__(self, folder: Path, database: EmbeddedPostgres, cache: EmbeddedValkey, **settings: str) -> None:
        names = ("one", "two", "web one", "web two", "worker")
        self._metrics_ports = dict(zip(names, free_ports(len(names)), strict=True))
        cache_url = cache.service_address(cache.url)
        super().__init__(folder, database.url, cache_url, **settings)
        self.database, self.cache = database, cache
        environment = self._environment("worker")
        port = self._metrics_ports["worker"]
        self.worker = ServerProcess(
            port, [*SCORING, "worker"], environment, folder / "worker.log", health="/metrics"
        )

    def _environment(self, name: str, **settings: str) -> dict[str, str]:
        if port := self._metrics_ports.get(name):
            kind = {"worker": "WORKER"}.get(name, "UI" if name.startswith("web") else "API")
            settings[f"SCORING_{kind}_METRICS_PORT"] = str(port)
        return super()._environment(name, **settings)

    def replica_with(self, name: str, **settings: str) -> ServerProcess:
        """The replica of this name with other settings, on the same ports; the first one must not run."""
        port = self.replicas[name].port
        environment = self._environment(name, SCORING_API_PORT=str(port), **settings)
        return ServerProcess(port, [*SCORING, "serve", "api"], environment, self._folder / f"{name}.log")

    def metrics_of(self, name: str) -> str:
        """The address of the metrics of a process."""
        return f"127.0.0.1:{self._metrics_ports[name]}"

    @property
    def targets(self) -> dict[str, list[str]]:
        """The scrape jobs and their addresses."""
        return {
            "scoring-api": [self.metrics_of("one"), self.metrics_of("two")],
            "scoring-ui": [self.metrics_of("web one"), self.metrics_of("web two")],
            "scoring-worker": [self.metrics_of("worker")],
            "scoring-proxy": [f"127.0.0.1:{self._state_port}"],
        }

    def kill_web_interfaces(self) -> None:
        """Send SIGKILL to both web interfaces."""
        for page in self.pages.values():
            page.kill()

    def start_web_interfaces(self) -> None:
        """Start both web interfaces."""
        for page in self.pages.values():
            page.start()


@contextmanager
def running_processes(folder: Path, **settings: str) -> Iterator[Processes]:
    """All processes, ready, on an empty database."""
    with ExitStack() as stack:
        database = stack.enter_context(EmbeddedPostgres(folder / "engines"))
        cache = stack.enter_context(EmbeddedValkey(folder / "engines"))
        processes = Processes(folder, database, cache, **settings)
        processes.prepare()
        servers = (*processes.replicas.values(), *processes.pages.values(), processes.worker, processes.balancer)
        with ThreadPoolExecutor() as threads:
            starting = [threads.submit(server.__enter__) for server in servers]
        for each in starting:
            if each.exception() is None:
                stack.push(each.result())
        for each in starting:
            each.result()  # raises what prevented a start
        processes.authorization = f"Authorization: Bearer {token_from(processes.api_port)}"
        yield processes


def kill_engine(engine: Engine) -> None:
    """Send SIGKILL to an embedded server; what it started ends with it."""
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    eventually(lambda: not engine.running)


@dataclass(frozen=True)
class Alerts:
    """The alerts of a Prometheus server."""

    prometheus: Prometheus

    def firing(self, name: str, **labels: str) -> bool:
        """Whether an alert with these labels fires."""
        return any(
            alert["state"] == "firing" and {"alertname": name, **labels}.items() <= alert["labels"].items()
            for alert in self.prometheus.alerts()
        )

    def all_firing(self) -> set[str]:
        """The names of the alerts that fire, except the watchdog."""
        names = {alert["labels"]["alertname"] for alert in self.prometheus.alerts() if alert["state"] == "firing"}
        return names - {"Watchdog"}


@contextmanager
def watched(
    processes: Processes,
    rules: Sequence[Path],
    *,
    interval: str = "1s",
    more: Mapping[str, Sequence[str]] | None = None,
    blocks: Path | None = None,
    **options: Any,
) -> Iterator[Alerts]:
    """A Prometheus that scrapes the processes, and `more` jobs, and evaluates these rules."""
    targets = processes.targets | dict(more or {})
    configuration = local_configuration(targets, interval=interval, rules=rules, **options)
    flags = ["--rules.alert.resend-delay=2s", "--storage.tsdb.retention.time=30d"]
    with Prometheus(configuration, within=60, flags=flags, blocks=blocks) as prometheus:
        yield Alerts(prometheus)
