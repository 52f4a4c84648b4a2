"""An engine's process as the service sees it: behind a keeper, which ends it when we say so or are no
more.
"""

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

_KEEPER = Path(__file__).with_name("engine_supervisor.py")

Stopping = tuple[tuple[signal.Signals, float], ...]
"""Signals from polite to final, each with the seconds it is given to work."""

ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""All an engine sees of ours: a PGDATA or PGOPTIONS of the user's must not reach it."""


@dataclass(frozen=True)
class Launch:
    """What to run, as whom, where, and how it is stopped."""

    command: Sequence[str]
    account: Account | None
    folder: Path
    sockets: Path
    stopping: Stopping

    def order(self) -> bytes:
        """The same for the keeper, as one line."""
        order = json.dumps(
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
        return order.encode() + b"\n"


class SupervisedProcess:
    """Lives from construction to `stop`, or until this process ends or lets go of the object."""

    def __init__(self, launch: Launch, *, log: int, hold: int) -> None:
        self._patience = sum(seconds for _, seconds in launch.stopping) + 2.0
        self._keeper = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(_KEEPER), Path(launch.command[0]).name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            pass_fds=(hold,),
            start_new_session=True,
            cwd="/",
        )
        assert self._keeper.stdin is not None  # noqa: S101 - a pipe was asked for
        assert self._keeper.stdout is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError):
            self._keeper.stdin.write(launch.order())
        with self._keeper.stdout as pipe:
            self.pid = int(pipe.readline() or 0)

    @property
    def alive(self) -> bool:
        """Whether the engine runs and is watched."""
        return self._keeper.poll() is None

    def stop(self) -> None:
        """Have the engine stopped, and return when it is gone."""
        assert self._keeper.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(BrokenPipeError), self._keeper.stdin as pipe:
            pipe.write(b"q")
        try:
            self._keeper.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
