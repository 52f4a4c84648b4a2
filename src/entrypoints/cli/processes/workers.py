"""Several processes that serve the API on one port, under one that starts anew whichever ends, and stops them all.

Each is a replica: it has its own connections, its own ledger with its own audit chain, its own caches and its own
port for metrics.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from socket import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from entrypoints.cli.processes.lean_start import lean_start

WORKER = "entrypoints.cli.processes.workers:worker"
"""What each of them runs, as uvicorn finds it."""


class _Workers(Multiprocess):
    """uvicorn's own supervisor, which says whether it stopped because it was told to."""

    failed = True

    def handle_int(self) -> None:
        """Stop: it was asked for."""
        self.failed = False
        super().handle_int()

    def handle_term(self) -> None:
        """Stop: it was asked for."""
        self.failed = False
        super().handle_term()


def serve_together(config: uvicorn.Config, listening: socket) -> None:
    """Serve on this socket until told to stop and every worker has drained.

    Ends the program where a worker cannot start.
    """
    workers = _Workers(config, sockets=[listening])
    workers.run()
    if workers.failed:
        raise SystemExit(3)


def worker() -> Callable[..., Awaitable[None]]:
    """The API; it drains and ends when the process that started it is gone, however that went."""
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    with lean_start("api"):
        from entrypoints.composition.faces import api_app  # noqa: PLC0415 - imported lean
        from entrypoints.configuration.settings import read_settings  # noqa: PLC0415 - imported lean

        return api_app(read_settings(os.environ))


def _end_with_supervisor() -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
