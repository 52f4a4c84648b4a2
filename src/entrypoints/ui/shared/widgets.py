"""The few elements that pages are made of, with the tags that screen readers and printers understand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

Tone = Literal["bad", "careful", "good", "plain"]
_TONE_ICONS: dict[Tone, str] = {
    "bad": "error_outline",
    "careful": "warning_amber",
    "good": "check_circle",
    "plain": "info_outline",
}


class Words(TextElement):
    """Text in a tag of its own."""

    def __init__(self, tag: str, text: str, classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)


def box(tag: str = "div", classes: str = "") -> ui.element:
    """An element to put others in."""
    return ui.element(tag).classes(classes)


def icon(name: str, classes: str = "") -> ui.icon:
    """A sign beside words, not read out."""
    return ui.icon(name).classes(classes).props("aria-hidden=true")


def scroll_to(element: ui.element) -> None:
    """Bring the top of the element into sight, once what was just drawn in it stands there."""
    element.client.run_javascript(f"requestAnimationFrame(() => getHtmlElement({element.id}).scrollIntoView())")


def anchor(text: str, href: str, classes: str = "") -> ui.link:
    """A link within the interface."""
    return ui.link(text, href).classes(classes)


@contextmanager
def card(title: str, classes: str = "", note: str = "") -> Iterator[ui.element]:
    """A titled part of a page."""
    with box("section", f"card {classes}") as section:
        section.props["aria-label"] = title
        with box("header", "card-head"):
            Words("h2", title)
            if note:
                Words("p", note, "note")
        yield section


@contextmanager
def page_head(title: str, note: str = "") -> Iterator[ui.element]:
    """The page's title, what it is for, and room for what can be done there."""
    with box("header", "page-head"):
        with box():
            Words("h1", title)
            if note:
                Words("p", note, "note")
        with box("div", "page-actions") as actions:
            yield actions


def alert(text: str, tone: Tone, *, title: str = "") -> ui.element:
    """Something to be noticed; read out at once when it is bad."""
    with box("div", f"alert alert-{tone}") as element:
        element.props["role"] = "alert" if tone == "bad" else "status"
        icon(_TONE_ICONS[tone])
        with box("div"):
            if title:
                Words("strong", title)
            if text:
                Words("p", text)
    return element


def chip(headline: str, outcome: str, sign: str) -> None:
    """An outcome in a list: colour, sign and word."""
    with box("span", f"chip chip-{outcome}"):
        icon(sign)
        Words("span", headline)


def definition(label: str, value: str, classes: str = "") -> None:
    """A name and its value, inside a `dl`."""
    with box("div", f"pair {classes}"):
        Words("dt", label)
        Words("dd", value)
