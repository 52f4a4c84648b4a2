"""Progress on standard error: a bar on a terminal, an occasional line elsewhere."""

import time
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_SECONDS_BETWEEN_LINES = 5.0


class ProgressBar:
    """Shows the completed share, 0 to 1, between a heading and a short text."""

    def __init__(self, heading: str) -> None:
        console = Console(stderr=True)
        self._heading = heading
        self._shown_at = time.monotonic()
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = (
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[text]}"),
            )
            self._bar = Progress(TextColumn("{task.description}"), *columns, console=console, transient=True)
            self._task = self._bar.add_task(heading, total=1.0, text="")

    def show(self, share: float, text: str, *, heading: str | None = None) -> None:
        """Update the bar, or print a line at most every five seconds."""
        if heading is not None:
            self._heading = heading
        if self._bar is not None:
            self._bar.update(self._task, completed=share, description=self._heading, text=text)
        elif time.monotonic() - self._shown_at >= _SECONDS_BETWEEN_LINES:
            self._shown_at = time.monotonic()
            click.echo(f"{self._heading}: {share:.0%}  {text}".rstrip(), err=True)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
