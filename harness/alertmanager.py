"""A real Alertmanager with the shipped routing, and the webhook receiver that it notifies."""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from harness.polling import eventually
from harness.running_service import free_ports

ALERTMANAGER = shutil.which("prometheus-alertmanager", path="/usr/bin:/usr/local/bin")
NO_ALERTMANAGER = "Alertmanager is not installed: install the package prometheus-alertmanager"
SHIPPED_ROUTING = Path(__file__).resolve().parents[1] / "deploy" / "alertmanager" / "alertmanager.yml"
_TOKEN = "a token of the harness"  # noqa: S105 - of receivers in this process


class Notifications:
    """A webhook receiver on a free port, as a context manager: `received` holds (receiver, body)."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.last: dict[str, float] = {}
        """When each receiver was last notified, of time.monotonic()."""
        self.unauthorized = 0

    def __enter__(self) -> Self:
        notifications = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                accepted = self.headers["Authorization"] == f"Bearer {_TOKEN}"
                if accepted:
                    receiver = self.path.strip("/")
                    notifications.received.append((receiver, body))
                    notifications.last[receiver] = time.monotonic()
                else:
                    notifications.unauthorized += 1
                self.send_response(200 if accepted else 401)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def alerts(self, receiver: str, status: str) -> set[str]:
        """The names of alerts that this receiver was notified of, with status "firing" or "resolved"."""
        return {
            alert["labels"]["alertname"]
            for name, body in self.received
            if name == receiver
            for alert in body["alerts"]
            if alert["status"] == status
        }

    def fired(self, name: str, *, since: int = 0, **labels: str) -> bool:
        """Whether a message, after the first `since`, says that an alert with these labels fires."""
        return any(
            alert["status"] == "firing" and {"alertname": name, **labels}.items() <= alert["labels"].items()
            for _, body in self.received[since:]
            for alert in body["alerts"]
        )


class Alertmanager:
    """The shipped routing with shorter intervals, whose receivers are paths of `notifications`."""

    def __init__(self, notifications: Notifications, *, wait: str = "1s", repeat: str = "1h") -> None:
        self._notifications = notifications
        self._wait, self._repeat = wait, repeat
        (self.port,) = free_ports(1)
        self.address = f"127.0.0.1:{self.port}"

    def _configuration(self, token: Path) -> dict[str, Any]:
        configuration: dict[str, Any] = yaml.safe_load(SHIPPED_ROUTING.read_text())
        root = configuration["route"]
        for route in (root, *root["routes"]):
            route |= {"group_wait": self._wait, "group_interval": self._wait, "repeat_interval": self._repeat}
        for receiver in configuration["receivers"]:
            (webhook,) = receiver["webhook_configs"]
            webhook["url"] = f"{self._notifications.url}/{receiver['name']}"
            webhook["http_config"]["authorization"]["credentials_file"] = str(token)
        return configuration

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="alertmanager-")
        folder = Path(self._folder.name)
        (folder / "token").write_text(_TOKEN)
        (folder / "alertmanager.yml").write_text(json.dumps(self._configuration(folder / "token")))
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self) -> None:
        """Start it, or start it again on its data after `kill`."""
        folder = Path(self._folder.name)
        command: Sequence[str] = [
            ALERTMANAGER or "prometheus-alertmanager",
            f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/data",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
        ]
        with (folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually(lambda: self.process.poll() is not None or self._is_ready())
        assert self.process.poll() is None, f"Alertmanager did not start:\n{(folder / 'log').read_text()}"

    def kill(self) -> None:
        """Send SIGKILL."""
        self.process.kill()
        self.process.wait(5)

    def inhibits(self, name: str, **labels: str) -> bool:
        """Whether an alert with these labels is held back by another."""
        filters = [f'{label}="{value}"' for label, value in {"alertname": name, **labels}.items()]
        url = f"http://{self.address}/api/v2/alerts"
        found = httpx.get(url, params={"filter": filters, "active": False}, trust_env=False).json()
        return any(alert["status"]["inhibitedBy"] for alert in found)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/-/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        self._folder.cleanup()
