"""A container of a mounted image, run by runc with the restrictions of deploy/: no writable root, no capabilities.

The image's user, environment, folder and entry point apply. The network is this machine's.
"""

import json
import re
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import psutil

from harness.polling import eventually

_RUNC = shutil.which("runc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or "runc"
_NAMESPACES = ("mount", "pid", "ipc", "uts")
_MOUNTS = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
    {
        "destination": "/dev/shm",  # noqa: S108 - a mount point in the container
        "type": "tmpfs",
        "source": "shm",
        "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=64m"],
    },
    {
        "destination": "/tmp",  # noqa: S108 - as above
        "type": "tmpfs",
        "source": "tmpfs",
        "options": ["nosuid", "nodev", "mode=1777", "size=1g"],
    },
]


class Container:
    """One container, started at once; `close` removes it."""

    def __init__(
        self,
        root: Path,
        image: Mapping[str, Any],
        command: Sequence[str],
        *,
        work: Path,
        secrets: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.id = f"scoring-{uuid.uuid4().hex[:12]}"
        self._bundle = work / self.id
        self._state = work / "runc"
        self._bundle.mkdir()
        (self._bundle / "config.json").write_text(json.dumps(_config(root, image, command, secrets, environment)))
        self._log = self._bundle / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self._runc(), "run", "--bundle", str(self._bundle), self.id],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _runc(self) -> list[str]:
        return [_RUNC, "--root", str(self._state)]

    @property
    def log(self) -> str:
        """Standard output and standard error so far."""
        return self._log.read_text(errors="replace")

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command in the running container."""
        return subprocess.run(
            [*self._runc(), "exec", self.id, *command], capture_output=True, text=True, check=False, timeout=60
        )

    def wait_healthy(self, process: str, *, within: float) -> float:
        """Wait until `scoring health` succeeds in the container, and return the seconds since now."""
        began = time.monotonic()

        def healthy() -> bool:
            if self._process.poll() is not None:
                raise AssertionError(f"{process} ended with {self._process.returncode}:\n{self.log}")
            return self.execute("scoring", "health", process).returncode == 0

        try:
            eventually(healthy, within=within)
        except AssertionError as fault:
            raise AssertionError(f"{process}: {fault}\n{self.log}") from fault
        return time.monotonic() - began

    def wait(self, timeout: float = 60) -> int:
        """Wait until the container ends, and return its exit code."""
        return self._process.wait(timeout)

    def stop(self, within: float) -> tuple[int, float]:
        """Send SIGTERM; return the exit code and the seconds until the end. Fails after `within` seconds."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)  # runc passes it on to the container's first process
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired as fault:
            raise AssertionError(f"still running {within:g} s after SIGTERM:\n{self.log}") from fault
        return code, time.monotonic() - began

    def first_process(self) -> int:
        """The process ID, on this machine, of the container's first process."""
        state = subprocess.run([*self._runc(), "state", self.id], capture_output=True, check=True).stdout
        pid: int = json.loads(state)["pid"]
        return pid

    def peak_memory(self) -> float:
        """Return the sum of the peaks of resident memory of the container's processes, in MiB."""
        processes = [psutil.Process(self.first_process())]
        processes += processes[0].children(recursive=True)
        status = [Path(f"/proc/{process.pid}/status").read_text() for process in processes]
        peaks = [re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE) for text in status]
        return sum(int(peak[1]) for peak in peaks if peak) / 1024

    def close(self) -> None:
        """Kill what still runs, and remove the container."""
        subprocess.run([*self._runc(), "delete", "--force", self.id], capture_output=True, check=False)
        self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _config(
    root: Path, image: Mapping[str, Any], command: Sequence[str], secrets: Path, environment: Mapping[str, str]
) -> dict[str, Any]:
    user, _, group = image["User"].partition(":")
    settings = [f"{name}={value}" for name, value in environment.items()]
    mounted = {
        "destination": "/run/secrets",
        "type": "bind",
        "source": str(secrets),
        "options": ["bind", "ro", "nosuid", "nodev", "noexec"],
    }
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": int(user), "gid": int(group)},
            "args": [*image["Entrypoint"], *command],
            "env": [*image["Env"], *settings],
            "cwd": image["WorkingDir"],
            "noNewPrivileges": True,
            "capabilities": {kind: [] for kind in ("bounding", "effective", "permitted", "inheritable")},
        },
        "root": {"path": str(root), "readonly": True},
        "hostname": "scoring",
        "mounts": [*_MOUNTS, mounted],
        "linux": {"namespaces": [{"type": kind} for kind in _NAMESPACES]},
    }
