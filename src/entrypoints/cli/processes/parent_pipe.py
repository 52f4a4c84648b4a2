"""The pipe from the parent process, which carries environment variables and closes when the parent ends."""

import json
import os
import signal
import sys
import threading

import click

parent_pipe_option = click.option(
    "--parent-pipe",
    type=int,
    hidden=True,
    help="Wait for addresses on this pipe, and exit when the parent closes it.",
)


def wait_for_parent(pipe: int) -> None:
    """Wait for the parent's environment variables and set them; from then on, exit when the parent does.

    A process can be started early and import its modules before this. It exits where the parent ended first.
    """
    message = b""
    while not message.endswith(b"\n"):
        received = os.read(pipe, 65536)
        if not received:
            sys.exit(1)
        message += received
    os.environ.update(json.loads(message))
    threading.Thread(target=_exit_with_parent, args=(pipe,), daemon=True).start()


def _exit_with_parent(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
