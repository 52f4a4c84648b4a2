"""New application: the thirteen fields with units, hints and limits, and the decision on submit."""

from uuid import uuid4

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from application.ports.decisions.idempotency import IdempotencyKey
from domain.access.user import Permission
from domain.applications.fields import FIELD_BY_NAME, ChoiceField, Field
from domain.applications.loan_application import LoanApplication
from entrypoints.ui.applications.application_form import (
    EXAMPLE,
    InvalidApplication,
    application_from,
    suggested_upper_end,
)
from entrypoints.ui.applications.application_values import GROUPS
from entrypoints.ui.shared import labels as words
from entrypoints.ui.shared.error_messages import telling_faults
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Words, alert, box, card, icon, page_head

_NOTES = {
    "Applicant": "Who asks.",
    "Loan": "What is asked for.",
    "Credit report": "As the credit bureau reports it today.",
}


def register(interface: Interface) -> None:
    """The page /."""
    add_page(interface, "/", "New application", _build, here="/")


async def _build(visit: PageContext) -> None:
    visit.actor().must(Permission.ASSESS_APPLICATIONS)
    form = ApplicationForm(visit)
    with page_head("New application", "All fields are needed unless marked optional."):
        example = ui.button("Fill in the example", on_click=form.fill_in_example)
        example.props("flat no-caps icon=auto_fix_high").classes("quiet")
    form.build()


class ApplicationForm:
    """The form, its inputs by field, and what happens when it is sent."""

    def __init__(self, visit: PageContext) -> None:
        self.visit = visit
        self.inputs: dict[str, ValidationElement[str | None]] = {}
        self.suggested: str | None = None
        self.sending = False
        self.sent: tuple[LoanApplication, IdempotencyKey] | None = None

    def build(self) -> None:
        """Draw the groups and the button."""
        send = telling_faults(self.send, where="/")
        form = box("form", "application").props("novalidate").mark("application")
        with form.on("submit.prevent", send):
            self.message = box("div", "message")
            with box("div", "groups"):
                for title, names in GROUPS:
                    with (
                        card(title, f"group-{title.split()[0].lower()}", note=_NOTES[title]),
                        box("div", "fields"),
                    ):
                        for name in names:
                            self.inputs[name] = self._input(FIELD_BY_NAME[name])
            with box("div", "submit"):
                self.button = ui.button("Assess application").props(
                    "unelevated no-caps type=submit icon-right=east"
                )
                self.button.classes("button-main")
                with box("p", "note"):
                    icon("history_edu")
                    Words("span", "The decision is put on record with who asked, when, and every figure above.")
        self.inputs["fico_range_low"].on_value_change(self._suggest)

    def _input(self, field: Field) -> ValidationElement[str | None]:
        element: ValidationElement[str | None]
        if isinstance(field, ChoiceField):
            value = field.choices[0] if field.name == "term" else None
            element = ui.select(words.choices(field), label=field.label, value=value)
            element.props("options-dense")
            hint = field.hint
        else:
            label = f"{field.label} (optional)" if field.optional else field.label
            dollars, unit = field.unit.startswith("$"), field.unit.removeprefix("$").strip()
            element = ui.input(label, prefix="$" if dollars else None, suffix=unit or None)
            element.props(f"inputmode={'numeric' if field.whole else 'decimal'} autocomplete=off maxlength=20")
            hint = f"{field.hint} {field.minimum:,.0f} to {field.maximum:,.0f}."
        element.props("outlined stack-label hide-bottom-space").mark(field.name)
        element.props["hint"] = hint
        element.on_value_change(lambda: self._corrected(element))
        return element

    def _corrected(self, element: ValidationElement[str | None]) -> None:
        """Take back what was said of a field once it is touched."""
        if element.error:
            element.error = None
            self._tell(sum(1 for other in self.inputs.values() if other.error))

    def _suggest(self) -> None:
        upper = self.inputs["fico_range_high"]
        if upper.value in {None, "", self.suggested}:
            self.suggested = suggested_upper_end(self.inputs["fico_range_low"].value)
            upper.value = self.suggested or ""

    def fill_in_example(self) -> None:
        """Enter the loan application of the README."""
        for name, value in EXAMPLE.items():
            self.inputs[name].value = value

    async def send(self) -> None:
        """Assess what was entered, and go to the decision; or name every fault at its field."""
        if self.sending:
            return
        try:
            application = application_from({name: element.value for name, element in self.inputs.items()})
        except InvalidApplication as fault:
            self._show_faults(dict(fault.faults))
            return
        self._show_faults({})
        self.sending = True
        self.button.props("loading")
        try:
            assess, key = self.visit.use_cases.assess_once, self._key_of(application)
            once = await assess(application, key=key, by=self.visit.actor(), channel="web")
        finally:
            self.sending = False
            self.button.props(remove="loading")
        ui.navigate.to(f"/decisions/{once.record.decision_id}")

    def _key_of(self, application: LoanApplication) -> IdempotencyKey:
        """The key it was sent under before, so that sending it again does not decide it twice; else a new one."""
        if self.sent is None or self.sent[0] != application:
            self.sent = application, IdempotencyKey(str(uuid4()))
        return self.sent[1]

    def _show_faults(self, faults: dict[str, str]) -> None:
        for name, element in self.inputs.items():
            element.error = faults.get(name)
        self._tell(len(faults))
        if faults:
            self.inputs[min(faults, key=list(self.inputs).index)].run_method("focus")

    def _tell(self, faults: int) -> None:
        self.message.clear()
        if faults:
            title = f"{counted(faults, 'field needs', 'fields need')} another look"
            with self.message:
                alert("Nothing was decided yet.", "bad", title=title)
