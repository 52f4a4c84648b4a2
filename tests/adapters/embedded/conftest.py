"""A service in a process of its own, which tests may kill."""

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
    """Every live process: its parent and its command."""
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
        assert time.monotonic() < deadline, f"still there after {seconds} s: {alive}"
        time.sleep(0.05)


@dataclass
class Service:
    """The stand-in of service.py, and what it said when its engines were up."""

    process: subprocess.Popen[str]
    facts: dict[str, Any] = field(default_factory=dict)

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the service ended without a word"
        said: dict[str, Any] = json.loads(line)
        return said

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def leave(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.close()
        last = self.hear()
        self.process.wait(12)
        return last

    @property
    def engines(self) -> tuple[int, int]:
        return self.facts["postgres"], self.facts["valkey"]


class Services:
    def __init__(self) -> None:
        self.started: list[Service] = []

    def start(
        self, data: Path, *, python: Sequence[str] = (sys.executable,), path: Path = ROOT / "src", **how: Any
    ) -> Service:
        paths = [str(path), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **how.pop("env", {})}
        script = how.pop("script", Path(__file__).with_name("service.py"))
        process = subprocess.Popen(
            [*python, str(script), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,  # so that a test can press Ctrl-C on it alone
            **how,
        )
        service = Service(process)
        self.started.append(service)
        service.facts = service.hear()
        return service


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database cluster, built once: half a second saved on each test that is not about building."""
    folder = tmp_path_factory.mktemp("cluster")
    with EmbeddedPostgres(folder, durable=False):
        pass
    return folder


@pytest.fixture
def data_dir(cluster: Path, tmp_path: Path) -> Path:
    """A folder in which PostgreSQL has run before."""
    subprocess.run(["cp", "-Rp", str(cluster), str(tmp_path / "data")], check=True)
    return tmp_path / "data"


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    yield made
    for service in made.started:
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
    """The helpers above, for test modules that cannot import this one."""
    return sys.modules[__name__]
