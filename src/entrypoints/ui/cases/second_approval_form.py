"""The form by which a second person agrees with a proposal, or refuses it."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from entrypoints.ui.cases.text_form import CaseForm, text_area
from entrypoints.ui.shared.widgets import Text, box, card

Decide = Callable[[bool, str, ui.button, ui.element], Awaitable[bool]]


class SecondApprovalForm:
    """A text, and a button for each answer. A refusal needs the text."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        with card("Second approval", "decision-form") as root:
            self.form = CaseForm(root)
            with box("div", "case-form"):
                self._message = box("div", "case-form-error").props("aria-live=assertive")
                Text(
                    "p",
                    "Your approval makes the proposal the final decision. A refusal opens the case again.",
                    "note",
                )
                self.text = text_area("Comment (required to refuse)").mark("approval-text")
                with box("div", "form-actions"):
                    self._approve = ui.button("Approve", on_click=lambda: self._pressed(True))
                    self._approve.props("unelevated no-caps icon=how_to_reg").classes("button-primary")
                    self._refuse = ui.button("Refuse", on_click=lambda: self._pressed(False))
                    self._refuse.props("outline no-caps icon=person_off")
        self.form.fields["text"] = self.text
        self.form.buttons += [self._approve, self._refuse]

    async def _pressed(self, approve: bool) -> None:
        text = (self.text.value or "").strip()
        self.text.error = None if approve or text else "Say why you refuse"
        if not approve and not text:
            return
        if await self._decide(approve, text, self._approve if approve else self._refuse, self._message):
            self.form.clear()
