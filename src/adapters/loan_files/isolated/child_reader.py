"""A process that reads one file, so that a malicious or damaged file cannot harm the worker."""

import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
from time import monotonic
from typing import Protocol

from adapters.loan_files.isolated.messages import HEADER, MAX_MESSAGE_BYTES, InvalidMessage, Kind
from adapters.loan_files.isolated.reader_process import LimitedJob, needs_more_memory
from application.ports.batches.portfolio_files import PortfolioUnreadable
from application.ports.operations.dependencies import DependencyUnavailable

_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""The only environment variables passed on: none of the worker's secrets."""
_THREADS = "2"
_EXIT_TIMEOUT = 10.0
_LOG_TAIL_BYTES = 2000

_log = logging.getLogger(__name__)


class Job(LimitedJob, Protocol):
    """What a reader process does, within limits."""

    def to_json(self) -> str:
        """The job as a command-line argument."""


def command_of(module: str) -> tuple[str, ...]:
    """The command that runs a module.

    -B: the process must not write files, and truncated bytecode would break the next start.
    """
    return (sys.executable, "-B", "-P", "-m", module)


class ChildReader:
    """A reader process and its messages; `close` ends it.

    Raises PortfolioUnreadable, also if the file crashed the process or a message took longer than `seconds`, and
    DependencyUnavailable if it cannot be started.
    """

    def __init__(self, command: tuple[str, ...], job: Job, *, seconds: float) -> None:
        self._job = job
        self._seconds = seconds
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, job.to_json()],
                env=environment | {"POLARS_MAX_THREADS": _THREADS, "RUST_BACKTRACE": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
            )
        except OSError as fault:
            self._errors.close()
            raise DependencyUnavailable(f"the process that reads files could not be started ({fault})") from fault
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def receive(self) -> tuple[Kind, bytes]:
        """The next message."""
        try:
            kind, content = self._receive()
        except InvalidMessage as fault:
            raise self.invalid(fault) from fault
        except EOFError as ended:
            raise PortfolioUnreadable(self._why_it_ended()) from ended
        if kind is Kind.UNREADABLE:
            raise PortfolioUnreadable(f"the file {content.decode(errors='replace')}")
        return kind, content

    @staticmethod
    def invalid(fault: Exception) -> PortfolioUnreadable:
        """The exception for a message that cannot be read."""
        _log.error("the process that read a batch's file sent an invalid message: %r", str(fault))
        return PortfolioUnreadable(_crash_message("sent an invalid message"))

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
            raise DependencyUnavailable(
                f"the process that reads files did not start: {self._stderr()!r}"
            ) from fault
        if kind is not Kind.READY:
            raise DependencyUnavailable("the process that reads files is of another release; restart the worker")

    def _receive(self) -> tuple[Kind, bytes]:
        deadline = monotonic() + self._seconds
        kind, length = HEADER.unpack(self._read(HEADER.size, deadline))
        if length > MAX_MESSAGE_BYTES or kind not in {*Kind}:
            raise InvalidMessage(f"kind {kind}, {length:,} bytes")
        return Kind(kind), self._read(length, deadline)

    def _read(self, count: int, deadline: float) -> bytes:
        """Exactly `count` bytes. Raises EOFError if the process ends first."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - it was requested
        received, poller = bytearray(), select.poll()
        poller.register(pipe, select.POLLIN)
        while len(received) < count:
            if not poller.poll(max(0.0, deadline - monotonic()) * 1000):
                raise PortfolioUnreadable(
                    f"the file could not be read: one part of it took longer than {self._seconds:g} s. "
                    "Split it into several files, or save it as uncompressed CSV."
                )
            data = pipe.read(count - len(received))
            if not data:
                raise EOFError
            received += data
        return bytes(received)

    def _why_it_ended(self) -> str:
        try:
            code = self._process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            return _crash_message("closed its output and hung")
        stderr = self._stderr()
        _log.error("the process that read a batch's file ended with %s: %r", code, stderr)
        if code == -signal.SIGABRT or "memory allocation" in stderr:
            return f"the file {needs_more_memory(self._job.memory_mb)}"
        if code == -signal.SIGXCPU:
            return (
                f"the file could not be read: it took more than {self._job.cpu_seconds} s of processor time. "
                "Split it into several files, or save it as uncompressed CSV."
            )
        return _crash_message(
            f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        )

    def _stderr(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _LOG_TAIL_BYTES))
        return self._errors.read().decode(errors="replace")


def _crash_message(how: str) -> str:
    return (
        f"the file could not be read: the program that reads files {how}. "
        "The file is damaged or too complex; write it again, or save it as CSV."
    )
