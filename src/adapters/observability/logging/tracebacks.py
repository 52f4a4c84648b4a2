"""Tracebacks for the log: where an error occurred, without quoting the request."""

import traceback
from collections.abc import Iterator
from types import TracebackType

from adapters.observability.logging.printable import printable

_MAX_MESSAGE_CHARACTERS = 300

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def format_exception(error: BaseException) -> str:
    """Return the chain of exceptions, oldest first, each with its stack and the first line of its message.

    Databases and HTTP clients quote rows and bodies on later lines. Local variables are never included.
    """
    return "\n".join(_format_one(link) for link in reversed(list(_chain(error))))


def format_exc_info(exc_info: ExcInfo) -> str:
    """Format an exception as structlog and logging pass it."""
    return format_exception(exc_info[1])


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        yield link
        seen.add(id(link))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _format_one(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    message = printable(str(error).partition("\n")[0][:_MAX_MESSAGE_CHARACTERS])
    lines = ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    lines.append(f"{name}: {message}" if message else name)
    if isinstance(error, BaseExceptionGroup):
        lines += [f"\n{format_exception(inner)}" for inner in error.exceptions]
    return "".join(lines)
