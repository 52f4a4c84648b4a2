"""Runs the web interface as a process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

HERE = Path(__file__).parent


@contextmanager
def served(
    folder: Path,
    *,
    decisions: int = 0,
    port: int | None = None,
    redis_url: str = "",
    log_level: str = "warning",
    secure_cookies: bool = False,
    product: str = "personal_loan",
) -> Iterator[str]:
    """Start the interface; yields its address."""
    port = port or _free_port()
    environment = os.environ | {
        "NICEGUI_STORAGE_PATH": str(folder / "storage"),
        "NICEGUI_REDIS_URL": redis_url,
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]),
    }
    environment.pop("PYTEST_CURRENT_TEST", None)  # NiceGUI behaves otherwise under it
    arguments = [str(port), str(decisions), log_level, "yes" if secure_cookies else "no", product]
    command = [sys.executable, str(HERE / "serve_interface.py"), *arguments]
    log = folder / "log"
    with (
        log.open("ab") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise AssertionError(f"the interface ended while starting:\n{log.read_text()}")
        try:
            httpx.get(f"{address}/login")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the interface does not answer:\n{log.read_text()}")
