"""A real Prometheus on a free port: its scrape jobs, rules, queries and alerts."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from harness.polling import eventually
from harness.running_service import free_ports

PROMETHEUS = shutil.which("prometheus", path="/usr/bin:/usr/local/bin")
NO_PROMETHEUS = "Prometheus is not installed: install the package prometheus"
SHIPPED_CONFIGURATION = Path(__file__).resolve().parents[1] / "deploy" / "prometheus" / "prometheus.yml"


class QueryFailed(Exception):
    """Prometheus rejected a query; the text says why."""


@dataclass(frozen=True)
class Sample:
    """One series of an instant query, and its value."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Series:
    """One series of a range query: times (seconds since the epoch) and values."""

    labels: dict[str, str]
    points: list[tuple[float, float]]


def local_configuration(
    targets: Mapping[str, Sequence[str]],
    *,
    interval: str = "1s",
    rules: Sequence[Path] = (),
    alertmanagers: Sequence[str] = (),
    blackbox: str = "",
    shipped: Path = SHIPPED_CONFIGURATION,
) -> dict[str, Any]:
    """The shipped configuration with the jobs of `targets`, each with these addresses ("127.0.0.1:9101").

    Targets are scraped and rules evaluated once per `interval`. `blackbox` is the address of the blackbox
    exporter, which probes the addresses of the job probe-https.
    """
    configuration: dict[str, Any] = yaml.safe_load(shipped.read_text())
    jobs = {job["job_name"]: job for job in configuration["scrape_configs"]}
    unknown = sorted(set(targets) - set(jobs))
    assert not unknown, f"{shipped.name} has no job {', '.join(unknown)}"
    for name, addresses in targets.items():
        job = jobs[name]
        for key in [key for key in job if key.endswith("_sd_configs")]:
            del job[key]
        job["static_configs"] = [{"targets": list(addresses)}]
        for relabeling in job.get("relabel_configs", ()):
            if relabeling.get("target_label") == "__address__":
                relabeling["replacement"] = blackbox
    configuration["scrape_configs"] = [jobs[name] for name in targets]
    configuration["global"] |= {
        "scrape_interval": interval,
        "scrape_timeout": interval,
        "evaluation_interval": interval,
    }
    configuration["rule_files"] = [str(path.resolve()) for path in rules]
    static = [{"static_configs": [{"targets": list(alertmanagers)}]}]
    configuration["alerting"] = {"alertmanagers": static if alertmanagers else []}
    return configuration


class PrometheusClient:
    """Queries to a Prometheus at an address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def query(self, expression: str, *, at: float | None = None) -> list[Sample]:
        """The series of an instant query, now or at a time in seconds since the epoch."""
        data = self._get("query", query=expression, **({} if at is None else {"time": at}))
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        return [Sample(each["metric"], float(each["value"][1])) for each in data["result"]]

    def query_range(self, expression: str, *, start: float, end: float, step: float = 1.0) -> list[Series]:
        """The series of a range query; times in seconds since the epoch."""
        data = self._get("query_range", query=expression, start=start, end=end, step=step)
        return [
            Series(each["metric"], [(float(at), float(value)) for at, value in each["values"]])
            for each in data["result"]
        ]

    def alerts(self) -> list[dict[str, Any]]:
        """Pending and firing alerts: labels, annotations, state, activeAt, value."""
        found: list[dict[str, Any]] = self._get("alerts")["alerts"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """All rules of all groups: name, type ("alerting" or "recording"), query, health, lastError, state."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        """The targets: labels, scrapeUrl, health ("up", "down" or "unknown"), lastError."""
        found: list[dict[str, Any]] = self._get("targets", state="active")["activeTargets"]
        return found

    def _get(self, path: str, **parameters: str | float) -> dict[str, Any]:
        answer = self._client.get(f"/api/v1/{path}", params=parameters).json()
        if answer["status"] != "success":
            raise QueryFailed(f"{answer['error']}: {parameters.get('query', path)}")
        data: dict[str, Any] = answer["data"]
        return data


class Prometheus(PrometheusClient):
    """A Prometheus server with this configuration, as a context manager; its data is deleted at the end.

    Entering it waits until every target has been scraped successfully, at most `within` seconds. With
    `wait=False` it only waits until the server is ready. `blocks` is a folder of data to begin with, such as
    promtool creates.
    """

    def __init__(
        self,
        configuration: Mapping[str, Any],
        *,
        wait: bool = True,
        within: float = 20.0,
        flags: Sequence[str] = (),
        blocks: Path | None = None,
    ) -> None:
        self._configuration = configuration
        self._flags, self._blocks = flags, blocks
        self._wait, self._within = wait, within
        (self.port,) = free_ports(1)
        super().__init__(f"http://127.0.0.1:{self.port}")

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="prometheus-")
        folder = Path(self._folder.name)
        (folder / "prometheus.yml").write_text(json.dumps(self._configuration))  # JSON is YAML
        if self._blocks is not None:
            shutil.copytree(self._blocks, folder / "data")
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self) -> None:
        """Start it, or start it again on its data after `kill`."""
        folder = Path(self._folder.name)
        command = [
            PROMETHEUS or "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}",
            *self._flags,
        ]
        with (folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually(lambda: self.process.poll() is not None or self._is_ready(), within=self._within)
        assert self.process.poll() is None, f"Prometheus did not start:\n{(folder / 'log').read_text()}"
        if self._wait:
            self.await_targets(within=self._within)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.process.kill()
        self.process.wait(5)

    def __exit__(self, *_: object) -> None:
        self.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self._folder.cleanup()

    def await_targets(self, *, within: float = 20.0) -> None:
        """Wait until every target's last scrape succeeded; fail with the targets that are down, and why."""
        deadline = time.monotonic() + within
        while down := self._targets_down():
            assert time.monotonic() < deadline, "targets are down: " + "; ".join(down)
            time.sleep(0.1)

    def _targets_down(self) -> list[str]:
        expected = sum(len(job["static_configs"][0]["targets"]) for job in self._configuration["scrape_configs"])
        found = self.targets()
        down = [f"{each['scrapeUrl']} ({each['lastError']})" for each in found if each["health"] != "up"]
        return down if len(found) >= expected else [*down, f"{len(found)} of {expected} targets are known"]

    def _is_ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False
