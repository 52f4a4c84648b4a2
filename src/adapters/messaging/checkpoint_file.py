"""Copies of checkpoints in a file, one line of JSON each, for another machine's mount or an append-only medium."""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from application.ports.audit.checkpoint_destination import CheckpointDestination, PublicationFailed
from domain.audit.checkpoint_copy import CheckpointCopy, InvalidCheckpointCopy

Result = TypeVar("Result")
_LONGEST = 10.0
"""Seconds for one append."""
_LONGEST_LOCK = 2.0
"""Seconds to wait for another process's append."""
_TAIL_BYTES = 8192
"""Read from the end to find the last line; a line has about 500 bytes."""


class CheckpointFile(CheckpointDestination):
    """Appends only, as its owner's alone (mode 0600), and returns when the disk has the line.

    The file is locked meanwhile, so that several processes append each number once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "checkpoint-file")  # its own: a mount may hang

    @property
    def name(self) -> str:
        """A label of metrics."""
        return "file"

    async def last(self) -> int | None:
        """The number on the last line that can be read."""
        return await self._in_thread(self._last)

    async def publish(self, copy: CheckpointCopy) -> None:
        """Append a line, unless another process has appended it already."""
        await self._in_thread(lambda: self._append(copy))

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        try:
            async with asyncio.timeout(_LONGEST):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except TimeoutError as fault:
            raise PublicationFailed(f"{self._path} did not respond within {_LONGEST:.0f} s") from fault

    def _last(self) -> int | None:
        with self._locked() as file:
            return _last_number(_tail(file))

    def _append(self, copy: CheckpointCopy) -> None:
        with self._locked() as file:
            tail = _tail(file)
            if (_last_number(tail) or 0) >= copy.number:
                return
            torn = bool(tail) and not tail.endswith(b"\n")  # a write was cut short: start a line of our own
            line = b"\n" * torn + copy.line().encode() + b"\n"
            if os.write(file, line) != len(line):
                raise OSError(f"the line for checkpoint {copy.number} was written in part")
            os.fsync(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file's descriptor; the file is created where it does not exist. Raises PublicationFailed."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _lock(file)
                yield file
            finally:
                os.close(file)
        except OSError as fault:
            raise PublicationFailed(f"{self._path} cannot be appended to ({fault.strerror or fault})") from fault


def _lock(file: int) -> None:
    """Lock the file, or raise OSError: every reader can lock it, and must not keep this process from ending."""
    deadline = time.monotonic() + _LONGEST_LOCK
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            if time.monotonic() > deadline:
                raise OSError("another process keeps it locked") from fault
            time.sleep(0.02)
        else:
            return


def _tail(file: int) -> bytes:
    size = os.fstat(file).st_size
    start = max(size - _TAIL_BYTES, 0)
    return os.pread(file, size - start, start)


def _last_number(tail: bytes) -> int | None:
    for line in reversed(tail.splitlines()):
        try:
            return CheckpointCopy.read(line.decode()).number
        except (InvalidCheckpointCopy, UnicodeDecodeError):
            continue
    return None
