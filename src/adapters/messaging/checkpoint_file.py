"""Copies of checkpoints in a file of JSON lines, on another machine's mount or an append-only medium."""

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
_TIMEOUT_SECONDS = 10.0
"""For one append."""
_LOCK_TIMEOUT_SECONDS = 2.0
"""For another process's append."""
_TAIL_BYTES = 8192
"""Bytes read from the end to find the last line, which has about 500."""


class CheckpointFile(CheckpointDestination):
    """Appends lines to a file with mode 0600 and syncs each to disk.

    Processes lock the file, so that together they append each number once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "checkpoint-file")  # a mount may hang

    @property
    def name(self) -> str:
        return "file"

    async def last(self) -> int | None:
        """Return the number on the last valid line."""
        return await self._in_thread(self._last)

    async def publish(self, copy: CheckpointCopy) -> None:
        """Append the checkpoint, unless another process has done so."""
        await self._in_thread(lambda: self._append(copy))

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except TimeoutError as error:
            raise PublicationFailed(f"{self._path} did not respond within {_TIMEOUT_SECONDS:.0f} s") from error

    def _last(self) -> int | None:
        with self._locked() as file:
            return _last_number(_tail(file))

    def _append(self, copy: CheckpointCopy) -> None:
        with self._locked() as file:
            tail = _tail(file)
            if (_last_number(tail) or 0) >= copy.number:
                return
            incomplete = bool(tail) and not tail.endswith(b"\n")  # a write was interrupted: start a new line
            line = b"\n" * incomplete + copy.line().encode() + b"\n"
            if os.write(file, line) != len(line):
                raise OSError(f"the line for checkpoint {copy.number} was written incompletely")
            os.fsync(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open, or create, and lock the file; yield its descriptor. Raises PublicationFailed."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _lock(file)
                yield file
            finally:
                os.close(file)
        except OSError as error:
            raise PublicationFailed(f"{self._path} cannot be appended to ({error.strerror or error})") from error


def _lock(file: int) -> None:
    """Lock the file or raise OSError: any reader can lock it, and must not block this process forever."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise OSError("another process holds its lock") from error
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
