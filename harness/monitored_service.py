"""A running service with Prometheus and the exporters of the shipped configuration."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Self

import httpx
import psutil
import yaml

from harness.polling import eventually
from harness.prometheus import SHIPPED_CONFIGURATION, Prometheus, local_configuration
from harness.running_service import Service, clean_environment, free_ports

_PATH = "/usr/sbin:/usr/bin:/usr/local/bin"
PACKAGES = {
    "prometheus": "prometheus",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "haproxy": "haproxy",
    "openssl": "openssl",
}
"""Programs that this needs, and their Debian packages."""
_HAPROXY = SHIPPED_CONFIGURATION.parents[1] / "haproxy.cfg"
SETTINGS = {
    "SCORING_ALLOW_INSECURE_WEBHOOKS": "yes",
    "SCORING_LOGIN_FAILURE_LIMIT": "3",
    "SCORING_RATE_LIMIT": "50",
    "SCORING_RATE_LIMIT_BURST": "150",
}


def missing_packages() -> list[str]:
    """Debian packages of programs that are not installed."""
    return [package for program, package in PACKAGES.items() if shutil.which(program, path=_PATH) is None]


class MonitoredService:
    """The service, HAProxy, the exporters and Prometheus on a data folder, as a context manager.

    Prometheus scrapes every `interval` and evaluates the rules of `rules`. Settings replace those of SETTINGS.
    """

    def __init__(self, folder: Path, *, interval: str = "1s", rules: Sequence[Path] = (), **settings: str) -> None:
        self._folder, self._interval, self._rules, self._settings = folder, interval, rules, settings
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def restart_api(self) -> None:
        """Stop the API gracefully, so that it signs and publishes a checkpoint; the supervisor starts it again."""
        before = self.service.api_process()
        assert before is not None
        psutil.Process(before).terminate()
        eventually(lambda: self.service.api_process() not in (None, before), within=20)
        url = f"http://127.0.0.1:{self.service.api_port}/health/ready"
        eventually(lambda: _responds(url), within=20)

    def _start(self, stack: ExitStack) -> None:
        worker, node, blackbox, proxy, https = free_ports(5)
        settings = (
            SETTINGS
            | self._settings
            | {
                "SCORING_WORKER_METRICS_PORT": str(worker),
                "SCORING_CHECKPOINT_FILE": str(self._folder / "checkpoints.jsonl"),
            }
        )
        self.service = Service(self._folder / "data", **settings)
        stack.callback(self.service.close)
        filesystem = ["--collector.disable-defaults", "--collector.filesystem"]
        filesystem += ["--collector.filesystem.mount-points-exclude=^/.+"]  # only the root
        address = f"--web.listen-address=127.0.0.1:{node}"
        stack.enter_context(program("prometheus-node-exporter", *filesystem, address))
        modules = self._folder / "blackbox.yml"
        modules.write_text(yaml.safe_dump(PROBES))
        address = f"--web.listen-address=127.0.0.1:{blackbox}"
        stack.enter_context(program("prometheus-blackbox-exporter", f"--config.file={modules}", address))
        stack.enter_context(self._haproxy(https, proxy))
        targets = {
            "scoring-api": [f"127.0.0.1:{self.service.api_metrics_port}"],
            "scoring-ui": [f"127.0.0.1:{self.service.ui_metrics_port}"],
            "scoring-worker": [f"127.0.0.1:{worker}"],
            "scoring-proxy": [f"127.0.0.1:{proxy}"],
            "node": [f"127.0.0.1:{node}"],
            "probe-https": [f"https://127.0.0.1:{https}/health/ready"],
        }
        configuration = local_configuration(
            targets, interval=self._interval, rules=self._rules, blackbox=f"127.0.0.1:{blackbox}"
        )
        self.prometheus = stack.enter_context(Prometheus(configuration))

    def _haproxy(self, listen: int, state: int) -> AbstractContextManager[None]:
        """The proxy, with a certificate for 90 days."""
        certificate = self._folder / "service.pem"
        files = ["-keyout", str(certificate), "-out", f"{certificate}.crt", "-days", "90", "-nodes"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-subj", "/CN=localhost", *files]
        subprocess.run(command, check=True, capture_output=True)
        certificate.write_text(certificate.read_text() + Path(f"{certificate}.crt").read_text())
        ports = {
            "LISTEN": listen,
            "LISTEN_HTTP": free_ports(1)[0],
            "STATE": state,
            "REPLICA_1": self.service.api_port,
            "REPLICA_2": self.service.api_port,
            "WEB_1": self.service.ui_port,
            "WEB_2": self.service.ui_port,
        }
        environment = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        return program("haproxy", "-db", "-f", str(_HAPROXY), CERTIFICATE=str(certificate), **environment)


PROBES = {
    "modules": {
        "http_2xx": {"prober": "http", "timeout": "5s", "http": {"tls_config": {"insecure_skip_verify": True}}}
    }
}


@contextmanager
def program(name: str, *arguments: str, **environment: str) -> Iterator[None]:
    """Run an installed program, without its output, until the end."""
    with subprocess.Popen(
        [shutil.which(name, path=_PATH) or name, *arguments],
        env=clean_environment(**environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


def _responds(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
