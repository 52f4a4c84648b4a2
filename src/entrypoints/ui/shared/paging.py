"""Buttons to the pages of a list."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from nicegui import ui

from entrypoints.ui.shared.error_messages import reporting_errors

Cursor = TypeVar("Cursor")

BY_TIME = ("Newer", "Older")
"""The titles of the buttons in a list with the newest first."""
BY_POSITION = ("Previous", "Next")
"""The titles in a list with another order."""


def draw_page_buttons(
    cursors: list[Cursor | None],
    next_cursor: Cursor | None,
    open_page: Callable[[list[Cursor | None]], Awaitable[None]],
    where: str,
    titles: tuple[str, str] = BY_TIME,
) -> None:
    """`cursors` leads from the first page to the current one; `open_page` gets the cursors of the page to open."""
    before, after = titles
    for title, icon_name, enabled, target in (
        (before, "chevron_left", len(cursors) > 1, cursors[:-1]),
        (after, "chevron_right", next_cursor is not None, [*cursors, next_cursor]),
    ):
        button = ui.button(title, on_click=reporting_errors(partial(open_page, target), where))
        button.props(f"flat no-caps icon={icon_name}").classes("button-text")
        button.enabled = enabled
