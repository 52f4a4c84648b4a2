"""Buttons to the newer and older pages of a list."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from nicegui import ui

from entrypoints.ui.shared.error_messages import reporting_errors

Cursor = TypeVar("Cursor")


def draw_page_buttons(
    cursors: list[Cursor | None],
    next_cursor: Cursor | None,
    open_page: Callable[[list[Cursor | None]], Awaitable[None]],
    where: str,
) -> None:
    """`cursors` leads from the first page to the current one; `open_page` gets the cursors of the page to open."""
    for title, icon_name, enabled, target in (
        ("Newer", "chevron_left", len(cursors) > 1, cursors[:-1]),
        ("Older", "chevron_right", next_cursor is not None, [*cursors, next_cursor]),
    ):
        button = ui.button(title, on_click=reporting_errors(partial(open_page, target), where))
        button.props(f"flat no-caps icon={icon_name}").classes("button-text")
        button.enabled = enabled
