"""The supervisor process of one engine, which outlives the service just long enough to stop the engine properly.

It is a script that needs only the standard library; the service never imports it. It reads from a pipe whose
writing end the service holds. On a byte, or when the pipe closes because the service has ended for any reason, it
stops the engine with increasingly forceful signals. It has its own session and ignores Ctrl-C and SIGTERM, so that
the engine runs until the service has drained. If the supervisor is killed, Linux sends the engine its stop signal
(PR_SET_PDEATHSIG; this process is single-threaded, so the signal cannot be caused by the end of a thread).
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

_SET_DEATH_SIGNAL, _SET_SUBREAPER = 1, 36  # linux/prctl.h
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SERVICE = 0  # standard input: the pipe from the service
_PARENT_POLL_SECONDS = 1.0  # a child of the service may hold the pipe open, so the parent is checked too


class EngineSupervisor:
    """Starts an engine, watches it and stops it."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.exited = False
        self.wakeup_reader, wakeup_writer = os.pipe()
        os.set_blocking(self.wakeup_reader, False)
        os.set_blocking(wakeup_writer, False)
        signal.set_wakeup_fd(wakeup_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for ignored in _IGNORED:
            signal.signal(ignored, signal.SIG_IGN)
        _prctl(_SET_SUBREAPER, 1)
        self.engine = self._fork_engine()

    def run(self) -> int:
        """Wait for the end of the service or of the engine, and stop the engine.

        Returns the exit code: 1 where the engine ended by itself, else 0.
        """
        os.write(1, f"{self.engine}\n".encode())
        os.close(1)
        while not self.exited and os.getppid() == self.config["service"]:
            if self._wait(_PARENT_POLL_SECONDS):
                break
        exited_by_itself = self.exited
        for number, seconds in self.config["stopping"]:
            self._stop(number, seconds)
        self._kill_orphans()
        shutil.rmtree(self.config["sockets"], ignore_errors=True)
        return 1 if exited_by_itself else 0

    def _fork_engine(self) -> int:
        supervisor = os.getpid()
        child = os.fork()
        if child:
            return child
        try:
            self._exec_engine(supervisor)
        except BaseException:  # the child must never return into the supervisor's code
            os.write(2, traceback.format_exc(limit=-1).encode())
        os._exit(127)

    def _exec_engine(self, supervisor: int) -> None:
        os.chdir(self.config["folder"])  # before dropping privileges: the account may not reach it
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        os.umask(0o077)
        if self.config["account"]:
            uid, gid = self.config["account"]
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        signal.set_wakeup_fd(-1)
        for number in (*_IGNORED, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        _prctl(_SET_DEATH_SIGNAL, self.config["stopping"][0][0])  # after dropping privileges, which clears it
        if os.getppid() == supervisor:
            os.execve(self.config["command"][0], self.config["command"], self.config["environment"])  # noqa: S606 - no shell

    def _wait(self, seconds: float) -> bool:
        """Wait for an event; return True where the service has asked for a stop or has ended."""
        ready, _, _ = select.select([_SERVICE, self.wakeup_reader], [], [], seconds)
        self._drain_wakeups()
        return _SERVICE in ready

    def _drain_wakeups(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.wakeup_reader, 4096)
        self._reap_children()

    def _reap_children(self) -> bool:
        """Reap dead children; return True where none is left."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self.exited = self.exited or dead == self.engine
        except ChildProcessError:
            return True
        return False

    def _stop(self, number: int, seconds: float) -> None:
        if not self.exited:
            os.kill(self.engine, number)
        deadline = time.monotonic() + seconds
        while not self.exited and (left := deadline - time.monotonic()) > 0:
            select.select([self.wakeup_reader], [], [], left)
            self._drain_wakeups()

    def _kill_orphans(self) -> None:
        """Kill the children of a killed engine, which this process adopts (on Linux) and which block a new
        start.
        """
        deadline = time.monotonic() + 1.0
        while not self._reap_children() and time.monotonic() < deadline:
            for orphan in _children():
                os.kill(orphan, signal.SIGKILL)
            time.sleep(0.01)


def _children() -> list[int]:
    """Return the children of this process, by the parent field of /proc/*/stat, which follows the name."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid():
            found.append(int(stat.parent.name))
    return found


def _read_config() -> dict[str, Any]:
    """Read one line from the service, byte by byte: a later byte is the request to stop."""
    line = b""
    while not line.endswith(b"\n"):
        if not (byte := os.read(_SERVICE, 1)):
            sys.exit("the service ended before it sent the configuration")
        line += byte
    config: dict[str, Any] = json.loads(line)
    return config


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(EngineSupervisor(_read_config()).run())
