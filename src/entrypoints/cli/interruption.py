"""Interruption of a command that cleans up after itself."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def interruptible(message: str) -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, so that unfinished work is removed; then print the message and exit with 1."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt as interrupted:
        raise click.ClickException(message) from interrupted
    finally:
        signal.signal(signal.SIGTERM, previous)
