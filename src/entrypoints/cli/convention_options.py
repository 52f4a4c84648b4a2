"""The options that state how a file writes its numbers."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from domain.batches.file_conventions import InvalidConventions, conventions_from

_Command = Callable[..., None]
_OPTIONS = (
    click.option(
        "--percent-as", metavar="percent|fraction|basis-points[:COLUMN,...]", help="How 15.5 % is written."
    ),
    click.option(
        "--income-as",
        metavar="yearly|thousands|monthly|cents[:COLUMN,...]",
        help="Incomes in thousands of dollars or cents a year, or in dollars a month.",
    ),
    click.option("--decimal", metavar="point|comma", help="The character before decimals. Default: point"),
)


def convention_options(command: _Command) -> _Command:
    """Adds the options; the command receives `conventions`."""

    @wraps(command)
    def with_conventions(
        *, percent_as: str | None, income_as: str | None, decimal: str | None, **others: Any
    ) -> None:
        stated = {"percent_as": percent_as, "income_as": income_as, "decimal": decimal}
        try:
            conventions = conventions_from(stated)
        except InvalidConventions as fault:
            options = (f"--{name.replace('_', '-')} {what}" for name, what in fault.faults.items())
            raise click.UsageError("; ".join(options)) from fault
        command(conventions=conventions, **others)

    for option in reversed(_OPTIONS):
        with_conventions = option(with_conventions)
    return with_conventions
