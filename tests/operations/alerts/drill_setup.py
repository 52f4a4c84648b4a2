"""The processes of the service with exporters, Prometheus with scaled rules, Alertmanager, and load."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg
import httpx

from domain.access.user import Role
from harness.alertmanager import Alertmanager, Notifications
from harness.callers import Callers
from harness.monitored_service import program
from harness.people import PASSWORD, add_user
from harness.polling import eventually
from harness.running_service import CALLER, free_ports
from operations.alerts.compose_processes import Alerts, Processes, running_processes, watched
from operations.alerts.monitoring_processes import address, blackbox_exporter, node_exporter
from operations.alerts.scaled_rules import scaled_rules
from operations.alerts.test_rules import PROMTOOL
from replicas.behind_haproxy import AUTHORITY, OFFICER, ServerProcess, address_of
from support.engines import execute


class HttpsServer:
    """A server with a certificate of chosen lifetime, which the blackbox exporter probes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        (port,) = free_ports(1)
        self.address = f"127.0.0.1:{port}"

    def start(self, lifetime: timedelta = timedelta(days=90)) -> None:
        """Start it, or start it again, with a new certificate."""
        self.stop()
        files = AUTHORITY.issue(end=datetime.now(UTC) + lifetime).write(self._folder)
        keys = ("-cert", str(files.certificate), "-key", str(files.key))
        self._running.enter_context(program("openssl", "s_server", "-accept", self.address, *keys, "-www"))

    def stop(self) -> None:
        self._running.close()


class WebhookReceiver:
    """A receiver of the service's webhooks that answers with `status`."""

    def __init__(self) -> None:
        self.status = 204

    @contextmanager
    def open(self) -> Iterator[None]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(5)
            server.server_close()


@dataclass
class Setup:
    """What faults act on. `disk` is a small file system for tests, None where none can be mounted."""

    folder: Path
    processes: Processes
    alerts: Alerts
    notifications: Notifications
    manager: Alertmanager
    https: HttpsServer
    webhooks: WebhookReceiver
    node_exporter: ServerProcess
    disk: Path | None
    callers: Callers = field(init=False)

    @property
    def checkpoint_file(self) -> Path:
        """Where the service publishes checkpoints."""
        return self.folder / "checkpoints.jsonl"

    def client(self, replica: str | None = None, *, user: str = OFFICER) -> httpx.Client:
        """A client of the API behind the proxy, or of one replica."""
        port = self.processes.api_port if replica is None else self.processes.replicas[replica].port
        url = f"{address_of(port)}/api/v1"
        form = {"grant_type": "password", "username": user, "password": PASSWORD}
        issued = httpx.post(f"{url}/auth/token", data=form, verify=AUTHORITY.trust, timeout=20, trust_env=False)
        headers = {"Authorization": f"Bearer {issued.json()['access_token']}"}
        return httpx.Client(base_url=url, headers=headers, verify=AUTHORITY.trust, timeout=20, trust_env=False)

    def execute(self, statement: str) -> None:
        """Run statements as the owner of the tables."""
        execute(self.processes.database_url, statement)

    def values(self, query: str) -> list[Any]:
        """The first column of a query's rows."""

        async def read() -> list[Any]:
            connection = await asyncpg.connect(self.processes.database_url)
            try:
                return [row[0] for row in await connection.fetch(query)]
            finally:
                await connection.close()

        return asyncio.run(read())

    def value(self, query: str) -> Any:
        """The only value of a query."""
        (found,) = self.values(query)
        return found


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of 32 MB, or None without the right to mount one."""
    image, mounted = folder / "disk.img", folder / "disk"
    mounted.mkdir()
    image.write_bytes(b"")
    os.truncate(image, 32 * 2**20)
    commands = (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(mounted)])
    try:
        done = all(subprocess.run(each, capture_output=True, check=False).returncode == 0 for each in commands)
    except FileNotFoundError:
        done = False
    try:
        yield mounted if done else None
    finally:
        if done:
            subprocess.run(["umount", str(mounted)], check=True)


def decisions_a_week_ago(folder: Path) -> Path:
    """A block of Prometheus' data: one decision a minute around this time a week ago."""
    week_ago = int(time.time()) - 7 * 86_400
    series = 'scoring_decisions_total{channel="api",outcome="approved"}'
    lines = [f"{series} {minute} {week_ago - 7200 + 60 * minute}" for minute in range(180)]
    text = "\n".join(["# TYPE scoring_decisions counter", *lines, "# EOF\n"])
    (folder / "week.txt").write_text(text)
    blocks = folder / "blocks"
    command = [PROMTOOL or "promtool", "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run([*command, str(folder / "week.txt"), str(blocks)], check=True, capture_output=True)
    return blocks


@contextmanager
def drill_setup(folder: Path) -> Iterator[Setup]:
    """Everything running and healthy; no load yet."""
    settings = {
        "SCORING_PREDICTION_CACHE": "shared",
        "SCORING_ALLOW_INSECURE_WEBHOOKS": "yes",
        "SCORING_CHECKPOINT_FILE": str(folder / "checkpoints.jsonl"),
    }
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder))
        processes = stack.enter_context(running_processes(folder, **settings))
        add_user(processes.database_url, CALLER, Role.SERVICE)
        https, webhooks = HttpsServer(folder), WebhookReceiver()
        stack.enter_context(webhooks.open())
        https.start()
        stack.callback(https.stop)
        node, blackbox = node_exporter(folder), blackbox_exporter(folder)
        for exporter in (node, blackbox):
            stack.enter_context(exporter)
        notifications = stack.enter_context(Notifications())
        manager = stack.enter_context(Alertmanager(notifications, wait="2s"))
        rules = folder / "rules"
        rules.mkdir()
        alerts = stack.enter_context(
            watched(
                processes,
                scaled_rules(rules),
                more={"node": [address(node)], "probe-https": [f"https://{https.address}/"]},
                blackbox=address(blackbox),
                alertmanagers=[manager.address],
                blocks=decisions_a_week_ago(folder),
            )
        )
        yield Setup(folder, processes, alerts, notifications, manager, https, webhooks, node, disk)


@contextmanager
def under_load(setup: Setup) -> Iterator[None]:
    """Keyed decisions at a moderate rate."""
    with Callers(setup.processes, 4, keyed=True, pause=0.1, tls=AUTHORITY.trust) as callers:
        setup.callers = callers
        eventually(lambda: len(callers.result.decided) > 20)
        yield
