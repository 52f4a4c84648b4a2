"""Several worker processes that serve the API on one port, under a supervisor that restarts and stops them.

Each worker is a replica with its own connections, audit chain and caches; any of them reports the metrics of all.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from socket import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from entrypoints.lean_imports import hidden

WORKER = "entrypoints.cli.processes.workers:worker"
"""The application factory of a worker, as uvicorn imports it."""
_FOLDER = "_SCORING_WORKERS_FOLDER"
"""The environment variable with the workers' shared folder."""


class _Workers(Multiprocess):
    """uvicorn's supervisor; `failed` unless it stopped on a signal."""

    failed = True

    def handle_int(self) -> None:
        self.failed = False
        super().handle_int()

    def handle_term(self) -> None:
        self.failed = False
        super().handle_term()


def hide_unused_packages() -> AbstractContextManager[None]:
    """Hide what Litestar and structlog import where it is installed, and the API does not use."""
    return hidden("fastapi", "pydantic", "rich")


def serve_with_workers(config: uvicorn.Config, listening: socket) -> None:
    """Serve on this socket until stopped by a signal and drained; exit where a worker cannot start."""
    workers = _Workers(config, sockets=[listening])
    with tempfile.TemporaryDirectory(prefix="scoring-workers-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        workers.run()
    if workers.failed:
        raise SystemExit(3)


def worker() -> Callable[..., Awaitable[None]]:
    """Create the API of one worker, which drains and exits when its supervisor has ended for any reason."""
    folder = Path(os.environ[_FOLDER])
    threading.Thread(target=_end_with_supervisor, args=(folder,), daemon=True).start()
    with hide_unused_packages():
        from entrypoints.composition.servers import api_worker  # noqa: PLC0415 - without those packages

        return api_worker(folder)


def _end_with_supervisor(folder: Path) -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)  # the supervisor cannot
