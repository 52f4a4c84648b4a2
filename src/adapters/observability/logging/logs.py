"""Log lines: JSON for machines, coloured for people; structlog and the standard library's logging alike."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from adapters.observability.logging.printable import printable, printable_json
from adapters.observability.logging.tracebacks import ExcInfo, told_exc_info

_CHATTY = ("asyncio", "httpcore", "httpx", "urllib3", "uvicorn.access")
"""Loggers that are heard from warnings on; uvicorn's access lines would quote addresses and queries."""


def configure_logging(level: str = "info", style: str = "auto", stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (standard error), from `level` on.

    `style` is "json" (a line each), "console" (for people) or "auto": console on a terminal. May be called again.
    A server must be told not to configure logging of its own (uvicorn: `log_config=None`).
    """
    global _straight  # noqa: PLW0603 - like the logging of a process itself
    stream = stream or sys.stderr
    least = logging.getLevelNamesMapping()[level.upper()]
    pretty = style == "console" or (style == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    if pretty:
        renderer: Processor = _Console(colours=stream.isatty() and "NO_COLOR" not in os.environ)
    else:
        shared.append(structlog.processors.ExceptionRenderer(told_exc_info))
        renderer = _json_line
    _straight = None if pretty else _StraightLines(stream, least)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(shared, renderer, least, stream)


def _route_standard_logging(shared: list[Processor], renderer: Processor, least: int, stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.addFilter(_without_query_strings)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *shared],
            processors=[_without_bookkeeping, renderer],
        )
    )
    root = logging.getLogger()
    for earlier in list(root.handlers):
        if isinstance(earlier.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(least)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
    logging.captureWarnings(capture=True)


_BOOKKEEPING = ("_record", "_from_structlog", "color_message", "message", "asctime")
"""What structlog, uvicorn and other handlers leave in a record."""


def _without_bookkeeping(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key in _BOOKKEEPING:
        event.pop(key, None)
    return event


def _type_name(value: object) -> str:
    """Of an object that has no form in JSON the type is told, never what it says of itself."""
    return type(value).__name__


def _time_or_type(value: object) -> str:
    """The same for an encoder that has no form for times either."""
    return value.isoformat() if isinstance(value, datetime) else _type_name(value)


_encoder = msgspec.json.Encoder(enc_hook=_type_name)


def _json_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    try:
        line = _encoder.encode(event).decode()
    except (TypeError, ValueError):  # half a surrogate pair, or a key that is no text
        line = json.dumps(event, default=_time_or_type, skipkeys=True)
    return printable_json(line)


def _json_lines(events: Sequence[EventDict]) -> str:
    try:
        return printable_json(_encoder.encode_lines(events).decode())
    except (TypeError, ValueError):
        return "".join([_json_line(None, "", event) + "\n" for event in events])


class _Console:
    """Lines for people; what is in them cannot start another line, nor a field, nor speak to the terminal."""

    def __init__(self, *, colours: bool) -> None:
        self._render = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=_print_traceback, timestamp_key="time"
        )

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        """The line, with its traceback if there is one."""
        for key, value in event.items():
            if key not in _OF_STRUCTLOG and not isinstance(value, int | float | None):
                event[key] = printable(value if isinstance(value, str) else repr(value))
        return self._render(logger, method, event)


_OF_STRUCTLOG = ("exc_info", "stack")
"""A traceback is written over several lines, by us; its messages are escaped in `tracebacks.py`."""


def _without_query_strings(record: logging.LogRecord) -> bool:
    """Uvicorn tells of web sockets with path and query; the query may hold anything."""
    if record.name.startswith("uvicorn") and isinstance(record.args, tuple):
        record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
    return True


def _print_traceback(stream: TextIO, exc_info: ExcInfo) -> None:
    stream.write("\n" + told_exc_info(exc_info))


LogLine = Callable[..., Any]
"""Takes what happened and facts by name."""

LogLines = Callable[[str, Sequence[EventDict]], None]
"""Takes what happened and, of each time that it did, the facts, which it may keep and add to."""


def line_writer(level: str) -> LogLine:
    """Writes lines of one level, quickly; what they look like is as `configure_logging` last said."""
    if _straight is None:
        bound: LogLine = getattr(structlog.get_logger().bind(), level)
        return bound
    return _straight.writer(level)


def lines_writer(level: str) -> LogLines:
    """The same for lines that come together."""
    if _straight is not None:
        return _straight.lines_writer(level)
    write = line_writer(level)

    def write_each(event: str, each: Sequence[EventDict]) -> None:
        for facts in each:
            write(event, **facts)

    return write_each


class _StraightLines:
    """Lines as `configure_logging` makes them in JSON, past its processors: at a third of the cost.

    Lines of one turn of the event loop are written and leave together, at its end.
    """

    def __init__(self, stream: TextIO, least: int) -> None:
        self._stream = stream
        self._least = least
        self._waiting: list[EventDict] = []

    def writer(self, level: str) -> LogLine:
        """What writes lines of this level."""
        if logging.getLevelNamesMapping()[level.upper()] < self._least:
            return _unwritten

        write_each = self.lines_writer(level)

        def write(event: str, **facts: Any) -> None:
            write_each(event, (facts,))

        return write

    def lines_writer(self, level: str) -> LogLines:
        """What writes lines of this level that come together."""
        if logging.getLevelNamesMapping()[level.upper()] < self._least:
            return _unwritten

        def write_each(event: str, each: Sequence[EventDict]) -> None:
            now = datetime.now(UTC)
            for facts in each:
                facts["event"] = event
                facts["level"] = level
                facts["time"] = now
            self._add(each)

        return write_each

    def _add(self, events: Sequence[EventDict]) -> None:
        first = not self._waiting
        self._waiting += events
        if not first or not events:
            return
        try:
            asyncio.get_running_loop().call_soon(self._leave)
        except RuntimeError:  # no event loop: there is no turn to wait for
            self._leave()

    def _leave(self) -> None:
        events, self._waiting = self._waiting, []
        self._stream.write(_json_lines(events))
        self._stream.flush()


_straight: _StraightLines | None = None


def _unwritten(event: str, *_: Any, **facts: Any) -> None:
    """What is below the level."""
