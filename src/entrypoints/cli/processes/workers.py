"""Several worker processes that serve the API on one port, under a supervisor that restarts and stops them.

Each worker is a replica with its own connections, audit chain, caches and metrics port.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from socket import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from application.operational_error import OperationalError
from entrypoints.configuration.settings import read_settings
from entrypoints.lean_imports import lean_imports

_log = logging.getLogger(__name__)
WORKER = "entrypoints.cli.processes.workers:worker"
"""The application factory of a worker, as uvicorn imports it."""


class _Workers(Multiprocess):
    """uvicorn's supervisor; `failed` unless it stopped on a signal."""

    failed = True

    def handle_int(self) -> None:
        self.failed = False
        super().handle_int()

    def handle_term(self) -> None:
        self.failed = False
        super().handle_term()


def lean_api_imports() -> AbstractContextManager[None]:
    """Import without what Litestar and structlog use where it is installed, and the API does not need."""
    return lean_imports("fastapi", "pydantic", "rich")


def serve_with_workers(config: uvicorn.Config, listening: socket) -> None:
    """Serve on this socket until stopped by a signal and drained; exit where a worker cannot start."""
    workers = _Workers(config, sockets=[listening])
    workers.run()
    if workers.failed:
        raise SystemExit(3)


def worker() -> Callable[..., Awaitable[None]]:
    """Create the API of one worker, which drains and exits when its supervisor has ended for any reason.

    On an operational error, such as a metrics port in use, the worker logs one line and exits. Its supervisor
    starts another, and the remaining workers continue to serve.
    """
    threading.Thread(target=_exit_with_supervisor, daemon=True).start()
    with lean_api_imports():
        from entrypoints.composition.processes.servers import api_app  # noqa: PLC0415 - without those packages

        try:
            return api_app(read_settings(os.environ))
        except (OperationalError, OSError) as fault:
            _log.error("The worker cannot start: %s", fault)
            sys.exit(1)


def _exit_with_supervisor() -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
