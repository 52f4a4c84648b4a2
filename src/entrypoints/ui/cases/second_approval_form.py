"""The form by which a second person agrees with a proposal, or refuses it."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui
from nicegui.events import GenericEventArguments

from entrypoints.ui.applications.draft import CURRENT
from entrypoints.ui.cases.text_form import CaseForm, Fill, text_area
from entrypoints.ui.shared.widgets import Text, box, card

Decide = Callable[[bool, str, ui.button, ui.element], Awaitable[None]]


class SecondApprovalForm:
    """A text, and a button for each answer. A refusal needs the text."""

    def __init__(self, decide: Decide, fill: Fill) -> None:
        self._decide, self._fill = decide, fill
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
                    self._approve = ui.button("Approve").props("unelevated no-caps icon=how_to_reg")
                    self._approve.classes("button-primary")
                    self._refuse = ui.button("Refuse").props("outline no-caps icon=person_off")
        for approve, button in ((True, self._approve), (False, self._refuse)):
            button.on("click", partial(self._pressed, approve), js_handler=CURRENT)
        self.form.fields["text"] = self.text
        self.form.buttons += [self._approve, self._refuse]

    async def _pressed(self, approve: bool, event: GenericEventArguments) -> None:
        if not self._fill(event.args):
            return
        text = (self.text.value or "").strip()
        self.text.error = None if approve or text else "Say why you refuse"
        if not approve and not text:
            return
        await self._decide(approve, text, self._approve if approve else self._refuse, self._message)
