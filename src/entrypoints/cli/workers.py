"""Several processes that serve the API on one port, under one that starts anew whichever ends, and stops them all.

Each is a replica: it has its own connections, its own ledger with its own audit chain, its own caches and metrics.
"""

import multiprocessing
import os
import signal
import threading

import uvicorn
from uvicorn.supervisors import Multiprocess

from entrypoints.container.faces import AsgiApp, api_worker

WORKER = "entrypoints.cli.workers:worker"
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


def serve_together(config: uvicorn.Config) -> None:
    """Serve until told to stop and every worker has drained; ends the program where a worker cannot start."""
    workers = _Workers(config, sockets=[config.bind_socket()])
    workers.run()
    if workers.failed:
        raise SystemExit(3)


def worker() -> AsgiApp:
    """The API; it drains and ends when the process that started it is gone, however that went."""
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    return api_worker()


def _end_with_supervisor() -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
