"""The exporters, and a receiver of traces in place of the collector, as processes that a drill can kill."""

import re
import shutil
import sys
from pathlib import Path

import yaml

from entrypoints.configuration.setting_readers import PROJECT
from harness.monitored_service import PROBES
from harness.running_service import clean_environment, free_ports
from replicas.behind_haproxy import ServerProcess, ask
from support.trace_receiver import ACCEPTED

_PATH = "/usr/sbin:/usr/bin:/usr/local/bin"


def _exporter(name: str, folder: Path, health: str, *arguments: str) -> ServerProcess:
    (port,) = free_ports(1)
    program = shutil.which(f"prometheus-{name}", path=_PATH) or f"prometheus-{name}"
    command = [program, *arguments, "--log.level=error", f"--web.listen-address=127.0.0.1:{port}"]
    return ServerProcess(port, command, clean_environment(), folder / f"{name}.log", health=health)


def node_exporter(folder: Path) -> ServerProcess:
    """The node exporter, for file systems only."""
    file_systems = ("--collector.disable-defaults", "--collector.filesystem")
    return _exporter("node-exporter", folder, "/metrics", *file_systems)


def blackbox_exporter(folder: Path) -> ServerProcess:
    """The blackbox exporter, which accepts the certificates of tests."""
    (folder / "blackbox.yml").write_text(yaml.safe_dump(PROBES))
    return _exporter("blackbox-exporter", folder, "/-/healthy", f"--config.file={folder / 'blackbox.yml'}")


class TraceReceiver(ServerProcess):
    """A receiver of traces (OTLP) at `endpoint`; `port` has its metrics."""

    def __init__(self, folder: Path) -> None:
        otlp, metrics = free_ports(2)
        self.endpoint = f"http://127.0.0.1:{otlp}"
        command = [sys.executable, "-m", "support.trace_receiver", str(otlp), str(metrics)]
        environment = clean_environment(PYTHONPATH=f"{PROJECT / 'tests'}:{PROJECT}")
        super().__init__(metrics, command, environment, folder / "traces.log", health="/metrics")

    @property
    def spans(self) -> int:
        """How many spans it received since its start."""
        _, metrics = ask(self.port, "GET", "/metrics")
        (number,) = re.findall(rf"^{ACCEPTED}_total (\S+)", metrics.decode(), re.MULTILINE)
        return int(float(number))


def address(server: ServerProcess) -> str:
    """The address of its metrics."""
    return f"127.0.0.1:{server.port}"
