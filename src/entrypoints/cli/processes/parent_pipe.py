"""The pipe from the process that started this one: its word comes through it, and its end is seen there."""

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
    help="Wait for addresses from this pipe, and end when the parent closes it.",
)


def hear_from_parent(pipe: int) -> None:
    """Wait for the variables that the parent adds to our environment; from then on, end when it does.

    Whoever is started early can make ready meanwhile. Where the parent is gone before it said anything, so are we.
    """
    word = b""
    while not word.endswith(b"\n"):
        more = os.read(pipe, 65536)
        if not more:
            sys.exit(1)
        word += more
    os.environ.update(json.loads(word))
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()


def _end_with_parent(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
