"""A portfolio that a process of its own reads: what a file does to its reader, it does not do to the worker."""

import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from time import monotonic

from adapters.loan_files.isolated.messages import HEAD, MOST_BYTES, InvalidMessage, Kind, decode_chunk
from adapters.loan_files.isolated.reader_process import ReadingJob, needs_more_memory
from application.ports.batches.portfolio import LoanChunk, Portfolio
from application.ports.batches.portfolio_files import PortfolioUnreadable
from application.ports.operations.dependencies import DependencyUnavailable

COMMAND = (sys.executable, "-B", "-P", "-m", "adapters.loan_files.isolated.reader_process")
"""-B: it may write no files, and half a file of bytecode would break the next start."""
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""What the reader gets of the worker's environment: none of its secrets."""
_THREADS = "2"
_SECONDS_TO_END = 10.0
_SHOWN_OF_THE_LOG = 2000

_log = logging.getLogger(__name__)


class ChildPortfolio(Portfolio):
    """The loans of a file, as its reader process sends them; close it to end that process.

    Raises PortfolioUnreadable, also where the file ended its reader or a message took longer than `seconds`, and
    DependencyUnavailable where no reader could be started.
    """

    def __init__(self, job: ReadingJob, *, seconds: float) -> None:
        self._job = job
        self._seconds = seconds
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*COMMAND, job.to_json()],
                env=environment | {"POLARS_MAX_THREADS": _THREADS, "RUST_BACKTRACE": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
            )
        except OSError as fault:
            self._errors.close()
            raise DependencyUnavailable(f"no process to read the file could be started ({fault})") from fault
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def chunks(self) -> Iterator[LoanChunk]:
        """The chunks as they come."""
        while True:
            try:
                kind, content = self._receive()
                if kind is Kind.CHUNK:
                    yield decode_chunk(content)
            except InvalidMessage as fault:
                _log.error("the process that read a batch's file sent an invalid message: %r", str(fault))
                raise PortfolioUnreadable(_ended_its_reader("which sent what no reader sends")) from fault
            except EOFError as ended:
                raise PortfolioUnreadable(self._why_it_ended()) from ended
            if kind is Kind.UNREADABLE:
                raise PortfolioUnreadable(f"the file: {content.decode(errors='replace')}")
            if kind is Kind.END:
                return

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()

    def _wait_until_ready(self) -> None:
        try:
            kind, _ = self._receive()
        except (EOFError, InvalidMessage, PortfolioUnreadable) as fault:
            raise DependencyUnavailable(f"the process that reads files did not start: {self._said()!r}") from fault
        if kind is not Kind.READY:
            raise DependencyUnavailable("the process that reads files is of another release: restart the worker")

    def _receive(self) -> tuple[Kind, bytes]:
        deadline = monotonic() + self._seconds
        kind, length = HEAD.unpack(self._read(HEAD.size, deadline))
        if length > MOST_BYTES or kind not in {*Kind}:
            raise InvalidMessage(f"of kind {kind}, with {length:,} bytes")
        return Kind(kind), self._read(length, deadline)

    def _read(self, count: int, deadline: float) -> bytes:
        """So many bytes; raises EOFError where the process ended before."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - it was asked for
        read, waiting = bytearray(), select.poll()
        waiting.register(pipe, select.POLLIN)
        while len(read) < count:
            if not waiting.poll(max(0.0, deadline - monotonic()) * 1000):
                raise PortfolioUnreadable(
                    f"the file: could not be read: a part of it took longer than {self._seconds:g} s. "
                    "Divide it into several files, or save it as uncompressed CSV."
                )
            piece = pipe.read(count - len(read))
            if not piece:
                raise EOFError
            read += piece
        return bytes(read)

    def _why_it_ended(self) -> str:
        try:
            code = self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            return _ended_its_reader("which then hung")
        said = self._said()
        _log.error("the process that read a batch's file ended with %s: %r", code, said)
        if code == -signal.SIGABRT or "memory allocation" in said:
            return f"the file: {needs_more_memory(self._job.memory_mb)}"
        if code == -signal.SIGXCPU:
            return (
                f"the file: could not be read: it took more than {self._job.cpu_seconds} s of processor time. "
                "Divide it into several files, or save it as uncompressed CSV."
            )
        return _ended_its_reader(f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}")

    def _said(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _SHOWN_OF_THE_LOG))
        return self._errors.read().decode(errors="replace")


def _ended_its_reader(how: str) -> str:
    return (
        f"the file: could not be read: it ended the program that reads files, {how}. "
        "It is damaged or too complex; write it again, or save it as CSV."
    )
