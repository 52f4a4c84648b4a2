"""Stopping a command that works through a file."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click


@dataclass(slots=True)
class Stopping:
    """Whether a stop was requested."""

    requested: bool = False


@contextmanager
def stop_on_signals() -> Iterator[Stopping]:
    """Request a stop on Ctrl-C and SIGTERM; a second Ctrl-C stops immediately."""
    stopping = Stopping()
    previous: dict[signal.Signals, Any] = {}

    def request_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - Python's signature
        stopping.requested = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("Stopping after the rows in progress ...", err=True)

    for each in (signal.SIGINT, signal.SIGTERM):
        previous[each] = signal.signal(each, request_stop)
    try:
        yield stopping
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)
