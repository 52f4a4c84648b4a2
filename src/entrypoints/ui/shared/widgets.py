"""The elements that pages are built from, with semantic tags for screen readers and printing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

Tone = Literal["error", "warning", "success", "info"]
_TONE_ICONS: dict[Tone, str] = {
    "error": "error_outline",
    "warning": "warning_amber",
    "success": "check_circle",
    "info": "info_outline",
}


class Text(TextElement):
    """Text in an HTML tag."""

    def __init__(self, tag: str, text: str, classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)


def box(tag: str = "div", classes: str = "") -> ui.element:
    """A container element."""
    return ui.element(tag).classes(classes)


def icon(name: str, classes: str = "") -> ui.icon:
    """A decorative icon, hidden from screen readers."""
    return ui.icon(name).classes(classes).props("aria-hidden=true")


def scroll_to(element: ui.element) -> None:
    """Scroll to the top of the element after its new content is rendered."""
    element.client.run_javascript(f"requestAnimationFrame(() => getHtmlElement({element.id}).scrollIntoView())")


def anchor(text: str, href: str, classes: str = "") -> ui.link:
    """A link within the interface."""
    return ui.link(text, href).classes(classes)


@contextmanager
def card(title: str, classes: str = "", note: str = "") -> Iterator[ui.element]:
    """A section of a page with a title."""
    with box("section", f"card {classes}") as section:
        section.props["aria-label"] = title
        with box("header", "card-header"):
            Text("h2", title)
            if note:
                Text("p", note, "note")
        yield section


@contextmanager
def page_header(title: str, note: str = "") -> Iterator[ui.element]:
    """The page title with a note; yields the element for the page's actions."""
    with box("header", "page-header"):
        with box():
            Text("h1", title)
            if note:
                Text("p", note, "note")
        with box("div", "page-actions") as actions:
            yield actions


def alert(text: str, tone: Tone, *, title: str = "") -> ui.element:
    """A highlighted message; screen readers announce errors immediately. Returns its text, which may get more."""
    with box("div", f"alert alert-{tone}") as element:
        element.props["role"] = "alert" if tone == "error" else "status"
        icon(_TONE_ICONS[tone])
        with box("div") as content:
            if title:
                Text("strong", title)
            if text:
                Text("p", text)
    return content


def chip(label: str, style: str, icon_name: str) -> None:
    """A status label: color, icon and text."""
    with box("span", f"chip chip-{style}"):
        icon(icon_name)
        Text("span", label)


def synthetic_mark() -> None:
    """The mark of what the demonstration made up."""
    Text("span", "Synthetic", "synthetic-mark").props["title"] = (
        "Made up by the demonstration, not a real application"
    )


async def answer_of(dialog: ui.dialog) -> object:
    """What the user submits; None if the user closes the dialog or leaves the page. The dialog is deleted."""
    answer = await dialog
    if not dialog.is_deleted:
        dialog.delete()
    return answer


def definition(label: str, value: str, classes: str = "") -> None:
    """A label and its value, inside a `dl`."""
    with box("div", f"definition {classes}"):
        Text("dt", label)
        Text("dd", value)
