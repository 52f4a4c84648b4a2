"""Servers to measure, as processes: started, waited for, stopped."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey

PROJECT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, path: str) -> bool:
    """Whether a server answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(port: int, path: str, process: "subprocess.Popen[str]") -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 60
    while not answers(port, path):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server on port {port} did not start")
        time.sleep(0.005)


@contextmanager
def hello_server() -> Iterator[int]:
    """Bare Litestar; gives its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.hello", str(port)], cwd=PROJECT, text=True)  # noqa: S603 - ours
    try:
        wait_for(port, "/", process)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def peer_server(data_dir: Path) -> Iterator[int]:
    """The peer, on the engines of the service that runs on this data folder; gives its port."""
    database_url, redis_url = EmbeddedPostgres.running_url(data_dir), EmbeddedValkey.running_url(data_dir)
    if database_url is None or redis_url is None:
        raise RuntimeError("the service's engines do not run")
    port = free_port()
    address = database_url.replace("postgresql://", "postgresql+asyncpg://")
    command = [sys.executable, "-W", "ignore", "-m", "bench.peer", str(port), address, redis_url]
    process = subprocess.Popen(command, cwd=PROJECT, text=True)  # noqa: S603 - ours
    try:
        wait_for(port, "/health", process)
        yield port
    finally:
        process.terminate()
        process.wait()


class Running:
    """The whole service as `scoring up` runs it."""

    def __init__(self, data_dir: Path) -> None:
        self.port, ui_port = free_port(), free_port()
        environment = {
            **os.environ,
            "SCORING_DATA_DIR": str(data_dir),
            "SCORING_API_PORT": str(self.port),
            "SCORING_UI_PORT": str(ui_port),
            "SCORING_LOG_FORMAT": "json",
        }
        self._log = tempfile.TemporaryFile("w")  # noqa: SIM115 - closed in stop()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.cli.main", "up"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def token(self) -> str:
        """The token in the welcome."""
        for line in self.process.stdout or ():
            found = re.search(r"Bearer (\S+?)'", line)
            if found:
                return found[1]
        raise RuntimeError("the service did not start")

    def api_process(self) -> int:
        """The API's process id."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            if b"serve\0api" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        raise RuntimeError("there is no API process")

    def stop(self) -> None:
        """End it in good order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()
        self._log.close()


@contextmanager
def service(data_dir: Path) -> Iterator[Running]:
    """The whole service, for a while."""
    running = Running(data_dir)
    try:
        yield running
    finally:
        running.stop()


def load(port: int, requests: list[str], connections: int, seconds: float) -> dict[str, float]:
    """Load a server from another process."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as order:
        json.dump({"port": port, "requests": requests, "connections": connections, "seconds": seconds}, order)
        order.flush()
        done = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-m", "bench.load", order.name],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
