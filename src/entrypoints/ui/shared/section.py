"""Parts of a page that are redrawn only when what they show has changed, so that a live page does not flicker."""

from collections.abc import Callable
from typing import Generic, TypeVar

from nicegui import ui

Shown = TypeVar("Shown")


class Section(Generic[Shown]):
    """A part of a page: what it shows is a value that can be compared."""

    def __init__(self, element: ui.element, draw: Callable[[Shown], None]) -> None:
        self._element = element
        self._draw = draw
        self._shown: Shown | None = None

    def show(self, shown: Shown) -> None:
        """Redraw the part if it is not what is shown already."""
        if shown == self._shown:
            return
        self._shown = shown
        self._element.clear()
        with self._element:
            self._draw(shown)
