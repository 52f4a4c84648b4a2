"""Servers to measure, each in a separate process."""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey
from bench.applications import forms
from entrypoints.cli.processes.processes import responds_ok
from entrypoints.configuration.setting_readers import PROJECT
from harness.running_service import Service, free_ports


def decides(port: int, authorization: str) -> bool:
    """Whether the service on the port decides on an application."""
    name, _, value = authorization.partition(": ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        headers = {name: value, "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/predictions", json.dumps(forms(1)[0]), headers)
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(port: int, path: str, process: "subprocess.Popen[str]") -> None:
    """Wait until a server responds."""
    deadline = time.monotonic() + 60
    while not responds_ok("127.0.0.1", port, path, https=False):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server on port {port} did not start")
        time.sleep(0.005)


@contextmanager
def hello_server() -> Iterator[int]:
    """Bare Litestar; yields its port."""
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, "-m", "bench.hello", str(port)], cwd=PROJECT, text=True)  # noqa: S603 - a fixed command
    try:
        wait_for(port, "/", process)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def peer_server(data_dir: Path) -> Iterator[int]:
    """The peer, with the engines of the service on this data folder; yields its port."""
    database_url, redis_url = EmbeddedPostgres.running_url(data_dir), EmbeddedValkey.running_url(data_dir)
    if database_url is None or redis_url is None:
        raise RuntimeError("the service's engines do not run")
    (port,) = free_ports(1)
    address = database_url.replace("postgresql://", "postgresql+asyncpg://")
    command = [sys.executable, "-W", "ignore", "-m", "bench.peer", str(port), address, redis_url]
    process = subprocess.Popen(command, cwd=PROJECT, text=True)  # noqa: S603 - a fixed command
    try:
        wait_for(port, "/health", process)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def service(data_dir: Path, **settings: str) -> Iterator[Service]:
    """The whole service as `scoring up` runs it."""
    running = Service(data_dir, SCORING_LOG_FORMAT="json", **settings)
    try:
        yield running
    finally:
        running.close()


def load(port: int, requests: list[str], connections: int, seconds: float) -> dict[str, float]:
    """Load a server from another process."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as plan:
        json.dump({"port": port, "requests": requests, "connections": connections, "seconds": seconds}, plan)
        plan.flush()
        done = subprocess.run(  # noqa: S603 - a fixed command
            [sys.executable, "-m", "bench.load", plan.name],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
