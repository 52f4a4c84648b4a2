"""Draws the parts of a notice's page beside its letter."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from entrypoints.ui.notices.notice_view import NoticeHead, Obligation
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.live import pressed_by
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, card, chip, definition


@dataclass(frozen=True, slots=True)
class LetterActions:
    """What the viewer can do with the letter; `pdf` is the address of an issued one."""

    pdf: str
    deliver: bool
    take_back: bool
    readers_only: bool


def draw_head(head: NoticeHead) -> None:
    """Draw the state, the clock and the next step."""
    with box("section", "card case-status").props('aria-label="State of the notice"'):
        chip(head.state, head.style, head.icon_name)
        if head.due is not None:
            with box("span") as due:
                due.props["title"] = head.due.detail
                chip(head.due.text, head.due.style, head.due.icon_name)
        Text("p", head.text)
    if head.ending:
        alert(head.ending, "info", title="Not owed any more")


def draw_obligation(obligation: Obligation) -> None:
    """Draw what is owed and why."""
    with card("What is owed", note=obligation.owed):
        with box("dl", "definitions notice-facts"):
            for label, text in obligation.facts:
                definition(label, text)
        with box("div", "button-row screen-only"):
            anchor("Open decision", f"/decisions/{obligation.decision_id}", "button-secondary")
            anchor("Open application", f"/applications/{obligation.application_id}", "button-secondary")


def draw_letter_actions(actions: LetterActions, *, record: Callable[..., Awaitable[None]]) -> None:
    """Draw the download of the letter, and the buttons that record what became of it."""
    if actions.readers_only:
        with card("Letter not issued yet"):
            Text("p", "Underwriters and compliance officers issue it.")
        return
    if not actions.pdf:
        return
    with card("Send the letter" if actions.deliver else "Issued letter", "letter-actions screen-only"):
        with box("div", "button-row"):
            anchor("Download PDF", actions.pdf, "button-secondary").props("download")
            if actions.deliver:
                deliver = ui.button("Record delivery", on_click=_handler(record, returned=False))
                deliver.props("unelevated no-caps icon=mark_email_read").classes("button-primary")
                pressed_by(deliver, "d")
            if actions.take_back:
                returned = ui.button("Letter came back", on_click=_handler(record, returned=True))
                returned.props("flat no-caps icon=undo data-focus=returned").classes("button-text")
        Text("p", "The stored letter never changes: each download has the same bytes.", "note")


def _handler(record: Callable[..., Awaitable[None]], *, returned: bool) -> Callable[[], Awaitable[None]]:
    return reporting_errors(partial(record, returned=returned), where="/notices")
