"""Several processes that serve the API on one port, under one that starts anew whichever ends, and stops them all.

Each is a replica: it has its own connections, its own ledger with its own audit chain, its own caches. For metrics
they speak with one voice.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from socket import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from entrypoints.cli.processes.lean_start import lean_start

WORKER = "entrypoints.cli.processes.workers:worker"
"""What each of them runs, as uvicorn finds it."""
_FOLDER = "_SCORING_WORKERS_FOLDER"
"""The variable of the environment by which they know their folder."""


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
    with tempfile.TemporaryDirectory(prefix="scoring-workers-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        workers.run()
    if workers.failed:
        raise SystemExit(3)


def worker() -> Callable[..., Awaitable[None]]:
    """The API; it drains and ends when the process that started it is gone, however that went."""
    folder = Path(os.environ[_FOLDER])
    threading.Thread(target=_end_with_supervisor, args=(folder,), daemon=True).start()
    with lean_start("api"):
        from entrypoints.composition.faces import api_worker  # noqa: PLC0415 - imported lean

        return api_worker(folder)


def _end_with_supervisor(folder: Path) -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)  # which nobody else will do
