"""Makes the problems of exceptions; each area lists its own in its module `problems`."""

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from entrypoints.api.http.problems import FieldError, RequestRejected, invalid
from entrypoints.api.http.query import invalid_query

SECONDS_UNTIL_RETRY = 2
RETRY = (("Retry-After", str(SECONDS_UNTIL_RETRY)),)

ProblemMaker = Callable[[Any], RequestRejected]
Problems = Mapping[type, ProblemMaker]
"""The problem for each expected exception, by its class or the nearest one it derives from."""
Resources = tuple[tuple[str, str, ProblemMaker], ...]
"""Where paths continue with an identifier: their beginning, the kind of resource, and the problem without one."""


def sentence(error: object) -> str:
    """The text of an error as a sentence."""
    text = str(error)
    return text[:1].upper() + text[1:].removesuffix(".") + "."


def problem(status: int, name: str, title: str, detail: str = "", **options: Any) -> ProblemMaker:
    """A problem with this detail, or else with the text of the error as its detail."""
    return lambda error: RequestRejected(status, name, title, detail or sentence(error), **options)


def invalid_parameter(name: str) -> ProblemMaker:
    """A problem about one parameter of the query."""
    return lambda error: invalid_query([FieldError(name, str(error))])


def whole_seconds(wait: timedelta) -> int:
    """The seconds to wait, at least one."""
    return max(1, math.ceil(wait.total_seconds()))


def invalid_field(name: str) -> ProblemMaker:
    """A problem about one field of the body."""
    return lambda error: invalid("invalid-body", "Invalid body", [FieldError(name, str(error))])


def rule_problem(done: str) -> ProblemMaker:
    """A problem that the error's `rule` names. `done` says what was not done."""

    def made(error: Any) -> RequestRejected:
        title = error.rule.replace("-", " ").capitalize()
        return RequestRejected(409, error.rule, title, f"{sentence(error)} {done}")

    return made
