"""A stream that writes the log lines of one iteration of the event loop together."""

import asyncio
import atexit
from typing import TextIO


class LineBuffer:
    """Collects lines: a system call for each costs more than the line itself.

    Outside an event loop lines are written immediately.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []
        atexit.register(self._write_lines)

    def write(self, text: str) -> int:
        """Collect a line."""
        self._lines.append(text)
        return len(text)

    def flush(self) -> None:
        """Write the lines soon."""
        if len(self._lines) > 1:  # scheduled already
            return
        try:
            asyncio.get_running_loop().call_soon(self._write_lines)
        except RuntimeError:
            self._write_lines()

    def _write_lines(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._stream.write("".join(lines))
            self._stream.flush()
