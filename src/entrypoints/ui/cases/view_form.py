"""A form for a view of a case: what one would decide, and why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.applications.draft import CURRENT
from entrypoints.ui.cases.resolution_entries import outcome_in
from entrypoints.ui.cases.text_form import CaseForm, Fill, submit_button, text_area
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.labels import FINAL_OUTCOMES
from entrypoints.ui.shared.widgets import box, card

Submit = Callable[[FinalOutcome, str, ui.button, ui.element, Callable[[], None]], Awaitable[None]]
"""Makes the change with the outcome, the text, the button, the place for an error, and what empties the form."""


@dataclass(frozen=True, slots=True)
class ViewTexts:
    """The texts of the form."""

    title: str
    note: str
    action: str


OWN_VIEW = ViewTexts(
    "Your own view",
    "The policy asks what you would decide before you see the score and the system's recommendation.",
    "Enter view and show the score",
)
QUALITY_REVIEW = ViewTexts(
    "Quality review",
    "This case was selected for a second look. Say what you would have decided; then you see what was decided.",
    "Record review",
)


class ViewForm:
    """An outcome and a text."""

    def __init__(self, name: str, texts: ViewTexts, submit: Submit, fill: Fill) -> None:
        self._submit, self._fill, self._name = submit, fill, name
        with card(texts.title, "decision-form", note=texts.note) as root:
            self.form = CaseForm(root)
            with box("form", "case-form").props("novalidate").mark(f"{name}-form") as element:
                self._message = box("div", "case-form-error").props("aria-live=assertive")
                choices = {outcome.value: text for outcome, text in FINAL_OUTCOMES.items()}
                self.outcome = (
                    ChoiceInput(choices, label="What you would decide")
                    .props("outlined stack-label")
                    .mark(f"{name}-outcome")
                )
                self.text = text_area("Why").mark(f"{name}-text")
                with box("div", "form-actions"):
                    self._button = submit_button(texts.action, "visibility", main=True)
        self.form.fields["text"] = self.text
        self.form.buttons.append(self._button)
        element.on("submit.prevent", self._submitted, js_handler=CURRENT)

    @property
    def elements(self) -> dict[str, ChoiceInput | ui.textarea]:
        """The fields by their names on the page."""
        return {f"{self._name}-outcome": self.outcome, f"{self._name}-text": self.text}

    async def _submitted(self, event: GenericEventArguments) -> None:
        if not self._fill(event.args):
            return
        outcome, text = outcome_in(self.outcome.value), (self.text.value or "").strip()
        self.outcome.error = None if outcome else "Select an option"
        self.text.error = None if text else "Required"
        if outcome is None or not text:
            return
        await self._submit(outcome, text, self._button, self._message, self._clear)

    def _clear(self) -> None:
        self.form.clear()
        self.outcome.value = ""
