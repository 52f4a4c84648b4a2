"""A process that ends when the one that started it does, however that ends."""

import os
import signal
import threading


def end_with_parent(pipe: int | None) -> None:
    """Ask ourselves to stop once the parent's end of the pipe closes; without a pipe there is no parent."""
    if pipe is not None:
        threading.Thread(target=_wait, args=(pipe,), daemon=True).start()


def _wait(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
