"""An engine's process behind a supervisor, which ends it on request or when this process ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded.account import Account

_SUPERVISOR = Path(__file__).with_name("engine_supervisor.py")

Stopping = tuple[tuple[signal.Signals, float], ...]
"""Signals in increasing force, each with the seconds it is given to take effect."""

ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""The whole environment of an engine: PGDATA or PGOPTIONS of the user must not reach it."""


@dataclass(frozen=True)
class Launch:
    """A server's command, account, folders and stop signals."""

    command: Sequence[str]
    account: Account | None
    folder: Path
    sockets: Path
    stopping: Stopping

    def encode(self) -> bytes:
        """Encode as one line of JSON for the supervisor."""
        config = json.dumps(
            {
                "command": list(self.command),
                "account": [self.account.uid, self.account.gid] if self.account else None,
                "folder": str(self.folder),
                "sockets": str(self.sockets),
                "stopping": self.stopping,
                "environment": dict(ENVIRONMENT),
                "service": os.getpid(),
            }
        )
        return config.encode() + b"\n"


class SupervisedProcess:
    """Runs from construction to `stop`, at most until this process ends or the object is deleted."""

    def __init__(self, launch: Launch, *, log: int, lock_fd: int) -> None:
        self._stop_seconds = sum(seconds for _, seconds in launch.stopping) + 2.0
        self._supervisor = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(_SUPERVISOR), Path(launch.command[0]).name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            pass_fds=(lock_fd,),
            start_new_session=True,
            cwd="/",
        )
        assert self._supervisor.stdin is not None  # noqa: S101 - stdin and stdout are pipes
        assert self._supervisor.stdout is not None  # noqa: S101 - stdin and stdout are pipes
        with contextlib.suppress(BrokenPipeError):
            self._supervisor.stdin.write(launch.encode())
        with self._supervisor.stdout as pipe:
            self.pid = int(pipe.readline() or 0)

    @property
    def alive(self) -> bool:
        """Whether the engine and its supervisor run."""
        return self._supervisor.poll() is None

    def stop(self) -> None:
        """Stop the engine and wait for its end."""
        assert self._supervisor.stdin is not None  # noqa: S101 - stdin and stdout are pipes
        with contextlib.suppress(BrokenPipeError), self._supervisor.stdin as pipe:
            pipe.write(b"q")
        try:
            self._supervisor.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
