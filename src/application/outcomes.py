"""Outcomes of things done together: for each its result, or the exception that it alone would raise."""

from collections.abc import Iterable
from typing import TypeVar

Result = TypeVar("Result")
NextResult = TypeVar("NextResult")


def unwrap(outcome: Result | Exception) -> Result:
    """The result; raises the exception otherwise."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def successes(outcomes: Iterable[Result | Exception]) -> list[Result]:
    """The results without the exceptions, in order."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def merge_outcomes(
    outcomes: Iterable[Result | Exception], next_outcomes: Iterable[NextResult | Exception]
) -> list[NextResult | Exception]:
    """The outcomes of two steps: the exceptions of the first, and of each of its successes the next outcome."""
    following = iter(next_outcomes)
    return [outcome if isinstance(outcome, Exception) else next(following) for outcome in outcomes]
