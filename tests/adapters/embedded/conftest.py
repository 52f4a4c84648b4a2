"""A stand-in for the service in a separate process, which tests may kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded import EmbeddedPostgres

ROOT = Path(__file__).parents[3]


def processes() -> dict[int, tuple[int, str]]:
    """Return parent and command of every live process, by process identifier."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 3) for line in listing.stdout.splitlines())
    return {int(pid): (int(parent), args) for pid, parent, stat, args in rows if not stat.startswith("Z")}


def parent_of(pid: int) -> int:
    return processes()[pid][0]


def children_of(pid: int) -> list[int]:
    return [child for child, (parent, _) in processes().items() if parent == pid]


def wait_until_gone(*pids: int, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while alive := {pid: args for pid, args in processes().items() if pid in pids}:
        assert time.monotonic() < deadline, f"still running after {seconds} s: {alive}"
        time.sleep(0.05)


@dataclass
class Service:
    """A run of service.py, and the facts it printed when its engines were ready."""

    process: subprocess.Popen[str]
    facts: dict[str, Any] = field(default_factory=dict)

    def read_facts(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the service ended without output"
        facts: dict[str, Any] = json.loads(line)
        return facts

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def shut_down(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.close()
        last = self.read_facts()
        self.process.wait(12)
        return last

    @property
    def engines(self) -> tuple[int, int]:
        return self.facts["postgres"], self.facts["valkey"]


class Services:
    def __init__(self) -> None:
        self.started: list[Service] = []

    def start(
        self, data: Path, *, python: Sequence[str] = (sys.executable,), path: Path = ROOT / "src", **options: Any
    ) -> Service:
        paths = [str(path), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **options.pop("env", {})}
        script = options.pop("script", Path(__file__).with_name("service.py"))
        process = subprocess.Popen(
            [*python, str(script), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,  # so that a test can send Ctrl-C to it alone
            **options,
        )
        service = Service(process)
        self.started.append(service)
        service.facts = service.read_facts()
        return service


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database cluster, created once: saves half a second per test."""
    folder = tmp_path_factory.mktemp("cluster")
    with EmbeddedPostgres(folder, durable=False):
        pass
    return folder


@pytest.fixture
def data_dir(cluster: Path, tmp_path: Path) -> Path:
    """A data folder with a database cluster."""
    subprocess.run(["cp", "-Rp", str(cluster), str(tmp_path / "data")], check=True)
    return tmp_path / "data"


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services()
    yield services
    for service in services.started:
        service.kill()
        for pipe in (service.process.stdin, service.process.stdout):
            if pipe is not None:
                pipe.close()
        wait_until_gone(*(pid for name in ("postgres", "valkey") if (pid := service.facts.get(name))), seconds=12)


def kill(*pids: int, number: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        os.kill(pid, number)


@pytest.fixture(scope="session")
def embedded() -> Any:
    """The helpers of this module, for test modules, which cannot import it."""
    return sys.modules[__name__]
