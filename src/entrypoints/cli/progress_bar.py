"""Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_SECONDS_BETWEEN_LINES = 5.0


class ProgressBar:
    """Shows how much is done, 0 to 1, and a few words on it; `heading` stands before the bar."""

    def __init__(self, heading: str) -> None:
        console = Console(stderr=True)
        self._heading = heading
        self._said = time.monotonic()
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = (
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[words]}"),
            )
            self._bar = Progress(TextColumn("{task.description}"), *columns, console=console, transient=True)
            self._task = self._bar.add_task(heading, total=1.0, words="")

    def show(self, share: float, words: str, *, heading: str | None = None) -> None:
        """Move the bar, or say so when nothing was said for five seconds."""
        if heading is not None:
            self._heading = heading
        if self._bar is not None:
            self._bar.update(self._task, completed=share, description=self._heading, words=words)
        elif time.monotonic() - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            click.echo(f"{self._heading}: {share:.0%}  {words}".rstrip(), err=True)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
