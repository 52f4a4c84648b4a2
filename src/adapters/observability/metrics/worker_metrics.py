"""The workers of one API: whichever is asked for metrics asks the others, and speaks for all."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST

from adapters.observability.metrics.exposition import signed, together

Exposition = tuple[bytes, str]
"""Metrics in Prometheus's text format, and their media type."""

_HEARD = "scoring_workers_heard"
_HEAD = f"# HELP {_HEARD} Workers whose metrics these are.\n# TYPE {_HEARD} gauge\n{_HEARD} "


class WorkerMetrics:
    """Workers find one another by sockets in a folder that is theirs alone, numbered from 1.

    A number is free again when its worker has ended, however that went: a successor goes on with its series.
    Who does not answer within `patience` seconds is left out.
    """

    def __init__(self, folder: Path, own: Callable[[], Exposition], *, patience: float = 1.0) -> None:
        self._folder = folder
        self._own = own
        self._patience = patience
        self._number = 0
        self._hold = -1
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Take the lowest free number, and answer colleagues from now on."""
        self._number = next(number for number in count(1) if self._take(number))
        socket = self._socket(self._number)
        socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._answer, socket)

    async def close(self) -> None:
        """Answer nobody any more; the number is free."""
        if self._server is not None:
            self._server.close()
            self._socket(self._number).unlink(missing_ok=True)
            os.close(self._hold)

    async def exposition(self) -> Exposition:
        """The metrics of all that answer, ours among them."""
        numbers = sorted(int(socket.stem) for socket in self._folder.glob("*.socket"))
        told = await asyncio.gather(*(self._ask(number) for number in numbers))
        heard = [text for text in told if text]
        return f"{_HEAD}{len(heard)}.0\n".encode() + together(heard), CONTENT_TYPE_LATEST

    def _take(self, number: int) -> bool:
        hold = os.open(self._folder / f"{number}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(hold)
            return False
        self._hold = hold
        return True

    def _socket(self, number: int) -> Path:
        return self._folder / f"{number}.socket"

    def _ours(self) -> bytes:
        return signed(self._own()[0], self._number)

    async def _ask(self, number: int) -> bytes:
        if number == self._number:
            return self._ours()
        with contextlib.suppress(OSError, TimeoutError):
            return await asyncio.wait_for(self._hear(self._socket(number)), self._patience)
        return b""

    async def _hear(self, socket: Path) -> bytes:
        reader, writer = await asyncio.open_unix_connection(socket)
        try:
            return await reader.read()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: ARG002 - asyncio's
        with contextlib.suppress(OSError):
            writer.write(self._ours())
            await writer.drain()
        writer.close()
