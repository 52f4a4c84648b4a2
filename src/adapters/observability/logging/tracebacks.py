"""Tracebacks for the log: where and what, without quoting what the request said."""

import traceback
from collections.abc import Iterator
from types import TracebackType

from adapters.observability.logging.printable import printable

_LONGEST_MESSAGE = 300

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def told(fault: BaseException) -> str:
    """The exceptions that led to this one, oldest first, each with its stack and the first line of its message.

    Databases and HTTP clients quote rows and bodies on the later lines; local variables are never shown.
    """
    return "\n".join(_one(link) for link in reversed(list(_chain(fault))))


def told_exc_info(exc_info: ExcInfo) -> str:
    """The same, as structlog and logging hand it over."""
    return told(exc_info[1])


def _chain(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = fault
    while link is not None and id(link) not in seen:
        yield link
        seen.add(id(link))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _one(fault: BaseException) -> str:
    kind = type(fault)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    message = printable(str(fault).partition("\n")[0][:_LONGEST_MESSAGE])
    lines = ["Traceback (most recent call last):\n", *traceback.format_tb(fault.__traceback__)]
    lines.append(f"{name}: {message}" if message else name)
    if isinstance(fault, BaseExceptionGroup):
        lines += [f"\n{told(inner)}" for inner in fault.exceptions]
    return "".join(lines)
