"""The process between the service and one engine: it outlives the service just long enough to stop the
engine properly.

Run as a script on the bare standard library, never imported by the service. It holds the reading end of
a pipe whose writing end the service holds. When a byte comes, or the pipe closes because the service is
gone, however it went, the keeper stops the engine: politely, then less so. It sits in a session of its
own and ignores Ctrl-C and its kin, so that the engine lives until the services have drained. Should the
keeper itself be killed, Linux sends the engine its stop signal (PR_SET_PDEATHSIG; this process has one
thread, so the signal cannot come because some thread of the service ended).
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
_SERVICE = 0  # standard input: the pipe to the service
_GLANCE_SECONDS = 1.0  # a process forked off the service may hold the pipe open: so look at the parent too


class EngineSupervisor:
    """One engine, from its first breath to its last."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.exited = False
        self.bell, ring = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
        os.set_blocking(self.bell, False)
        os.set_blocking(ring, False)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for ignored in _IGNORED:
            signal.signal(ignored, signal.SIG_IGN)
        _prctl(_SET_SUBREAPER, 1)
        self.engine = self._launch()

    def keep(self) -> int:
        """Watch until the service leaves (then stop the engine) or the engine does; the exit code tells
        which.
        """
        os.write(1, f"{self.engine}\n".encode())
        os.close(1)
        while not self.exited and os.getppid() == self.order["service"]:
            if self._wait(_GLANCE_SECONDS):
                break
        left_by_itself = self.exited
        for number, seconds in self.order["stopping"]:
            self._stop(number, seconds)
        self._end_orphans()
        shutil.rmtree(self.order["sockets"], ignore_errors=True)
        return 1 if left_by_itself else 0

    def _launch(self) -> int:
        keeper = os.getpid()
        child = os.fork()
        if child:
            return child
        try:
            self._become_engine(keeper)
        except BaseException:  # a forked child must never return into the keeper's code
            os.write(2, traceback.format_exc(limit=-1).encode())
        os._exit(127)

    def _become_engine(self, keeper: int) -> None:
        os.chdir(self.order["folder"])  # before the drop: the way there may be closed to the account
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        os.umask(0o077)
        if self.order["account"]:
            uid, gid = self.order["account"]
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        signal.set_wakeup_fd(-1)
        for number in (*_IGNORED, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        _prctl(_SET_DEATH_SIGNAL, self.order["stopping"][0][0])  # after the drop, which would clear it
        if os.getppid() == keeper:
            os.execve(self.order["command"][0], self.order["command"], self.order["environment"])  # noqa: S606 - no shell

    def _wait(self, seconds: float) -> bool:
        """Sleep until something happens; True when the service says or shows that it is over."""
        ready, _, _ = select.select([_SERVICE, self.bell], [], [], seconds)
        self._look_at_bell()
        return _SERVICE in ready

    def _look_at_bell(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.bell, 4096)
        self._bury()

    def _bury(self) -> bool:
        """Collect dead children; True when none is left."""
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
            select.select([self.bell], [], [], left)
            self._look_at_bell()

    def _end_orphans(self) -> None:
        """What a killed engine leaves behind falls to us (on Linux) and holds its memory: end it, so
        that a new one can start.
        """
        deadline = time.monotonic() + 1.0
        while not self._bury() and time.monotonic() < deadline:
            for orphan in _children():
                os.kill(orphan, signal.SIGKILL)
            time.sleep(0.01)


def _children() -> list[int]:
    """Processes whose parent we are: the fourth field of /proc/*/stat, behind the name in parentheses."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid():
            found.append(int(stat.parent.name))
    return found


def _read_order() -> dict[str, Any]:
    """One line from the service, byte by byte: whatever comes after it is the signal to stop."""
    line = b""
    while not line.endswith(b"\n"):
        if not (byte := os.read(_SERVICE, 1)):
            sys.exit("the service left before it said what to run")
        line += byte
    order: dict[str, Any] = json.loads(line)
    return order


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(EngineSupervisor(_read_order()).keep())
