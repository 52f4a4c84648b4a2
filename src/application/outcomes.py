"""What became of each of several things done together: the result, or the exception that one alone would raise."""

from collections.abc import Iterable
from typing import TypeVar

Result = TypeVar("Result")
Further = TypeVar("Further")


def result_of(outcome: Result | Exception) -> Result:
    """The result; raises what stands in its place."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def results_of(outcomes: Iterable[Result | Exception]) -> list[Result]:
    """The results alone, in their order: with these it goes on."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def in_their_places(
    outcomes: Iterable[Result | Exception], further: Iterable[Further | Exception]
) -> list[Further | Exception]:
    """What became further of the results, each in its result's place, and what failed before where it stood."""
    following = iter(further)
    return [outcome if isinstance(outcome, Exception) else next(following) for outcome in outcomes]
