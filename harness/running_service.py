"""The whole service as a user starts it: `scoring up` in a separate process."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import psutil

from adapters.embedded import EmbeddedPostgres
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.composition.processes.commands import command_container
from entrypoints.composition.processes.preparation import issue_access_token
from entrypoints.configuration.settings import Settings, read_settings
from harness.people import PASSWORD, add_user_if_absent

_Result = TypeVar("_Result")
SCORING = [sys.executable, "-m", "entrypoints.cli.main"]


CALLER = "harness"
"""The name of the user who calls the service."""
_QUIET_PORTS = range(20_000, 32_000)
"""Below the range of ephemeral ports of Linux and other systems."""


def _ports_of_this_process() -> Iterator[int]:
    """Each port once, in random order; processes that run tests in parallel have disjoint ports."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = len(_QUIET_PORTS) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports = list(_QUIET_PORTS[worker * share : (worker + 1) * share])
    random.shuffle(ports)
    yield from ports


_ports = _ports_of_this_process()


def free_ports(count: int) -> list[int]:
    """Ports that are not in use, and were not returned before: a service that restarts gets its own again."""
    free: list[int] = []
    while len(free) < count:
        port = next(_ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free.append(port)
    return free


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment of a fresh login shell, with these settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, **settings}


def _serves_api(process: psutil.Process) -> bool:
    try:
        return "api" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _in_thread(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine in a thread, because the caller's thread may be running an event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Service:
    """One run of `scoring up` on a data folder; `without` names the processes that are excluded."""

    def __init__(self, data_dir: Path, *, without: Sequence[str] = (), **settings: str) -> None:
        self.api_port, self.ui_port, self.api_metrics_port, self.ui_metrics_port = free_ports(4)
        self.environment = clean_environment(
            SCORING_DATA_DIR=str(data_dir),
            SCORING_API_PORT=str(self.api_port),
            SCORING_UI_PORT=str(self.ui_port),
            SCORING_API_METRICS_PORT=str(self.api_metrics_port),
            SCORING_UI_METRICS_PORT=str(self.ui_metrics_port),
            **settings,
        )
        self._command = [*SCORING, "up", *(f"--without={part}" for part in without)]
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in close()
        self.start()

    def start(self) -> None:
        """Start the service, also again after it ended, and return once it is ready."""
        if hasattr(self, "process") and self.process.stdout:
            self.process.stdout.close()
        self.process = subprocess.Popen(
            self._command, env=self.environment, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        try:
            self.startup_output = "".join(self._read_startup_output())
            self.authorization = f"Authorization: Bearer {self.token_of(CALLER)}"
        except BaseException:
            self.close()
            raise
        """The Authorization header with a token of the user CALLER."""
        url = f"http://127.0.0.1:{self.api_port}/api/v1/predictions"
        headers = ["-H", self.authorization, "-H", "Content-Type: application/json"]
        self.curl = ["curl", "-s", url, *headers, "-d", json.dumps(EXAMPLE)]
        """The command of a request for a decision."""

    def token_of(self, name: str, role: Role = Role.SERVICE) -> str:
        """A token of a user, who is added with this role if absent."""

        async def issue() -> str:
            await add_user_if_absent(self.database_url, name, role)
            async with command_container(self.settings) as container:
                issued = await issue_access_token(container, name, timedelta(hours=12))
            assert issued is not None
            return issued.token

        return _in_thread(issue())

    def add_user(self, name: str, role: Role, *, must_change: bool = False) -> str:
        """Add a user, and return the password."""
        assert _in_thread(add_user_if_absent(self.database_url, name, role, must_change=must_change))
        return PASSWORD

    @property
    def settings(self) -> Settings:
        """The settings of the service, including the address of its database."""
        settings = read_settings({name: v for name, v in self.environment.items() if name.startswith("SCORING_")})
        return replace(settings, database_url=self.database_url)

    @property
    def log(self) -> str:
        """The standard error of the service so far."""
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0).decode()

    def _read_startup_output(self) -> Iterator[str]:
        for line in self.process.stdout or ():
            yield line
            if "Ctrl-C stops everything" in line:
                return
        raise AssertionError(f"the service did not start:\n{self.log}")

    def decide(self) -> dict[str, Any]:
        """Request a decision, and return the response."""
        answer: dict[str, Any] = json.loads(subprocess.run(self.curl, capture_output=True, check=True).stdout)
        return answer

    def get(self, path: str, *, authorization: str = "") -> dict[str, Any]:
        """GET with the token of CALLER, or with another Authorization header."""
        url = f"http://127.0.0.1:{self.api_port}{path}"
        command = ["curl", "-s", "-H", authorization or self.authorization, url]
        answer: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return answer

    def authorization_of(self, name: str, role: Role) -> str:
        """The Authorization header of a user, who is added if absent."""
        return f"Authorization: Bearer {self.token_of(name, role)}"

    def run(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run another `scoring` command while the service runs, for at most `timeout` seconds."""
        command = [*SCORING, *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=timeout
        )

    def family(self) -> list[psutil.Process]:
        """Every process of the service, engines included."""
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def api_process(self) -> int | None:
        """The process ID of the API, or None if it is not running."""
        children = psutil.Process(self.process.pid).children()
        return next((child.pid for child in children if _serves_api(child)), None)

    def dependencies(self) -> dict[str, str]:
        """The status of each dependency in the health check: "up" or "down"."""
        return {each["name"]: each["status"] for each in self.get("/health/ready")["dependencies"]}

    @property
    def database_url(self) -> str:
        """The address of the embedded or configured database."""
        url = self.environment.get("SCORING_DATABASE_URL")
        url = url or EmbeddedPostgres.running_url(Path(self.environment["SCORING_DATA_DIR"]))
        assert url
        return url

    def close(self) -> None:
        """Stop the service gracefully if it is running."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(15)
        if self.process.stdout:
            self.process.stdout.close()
        self._log.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop the service with a signal, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(15)
