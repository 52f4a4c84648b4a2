"""New application: a form with thirteen fields that leads to the decision."""

from collections.abc import Mapping
from uuid import uuid4

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from application.ports.decisions.idempotency import IdempotencyKey
from domain.access.user import Permission
from domain.applications.fields import FIELD_BY_NAME, ChoiceField, Field, NumberField
from domain.applications.loan_application import LoanApplication
from entrypoints.ui.applications.application_form import (
    SAMPLE,
    InvalidApplication,
    application_from,
    suggested_fico_high,
)
from entrypoints.ui.applications.application_values import GROUPS
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.formats import counted, dollars, number
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, box, card, icon, page_header


def register(interface: Interface) -> None:
    """Register the page /."""
    add_page(interface, "/", "New application", _build, current="/")


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.ASSESS_APPLICATIONS)
    form = ApplicationForm(context)
    with page_header("New application", "All fields are required unless marked optional."):
        sample = ui.button("Use sample data", on_click=form.use_sample_data)
        sample.props("flat no-caps icon=auto_fix_high").classes("button-text")
    form.build()


class ApplicationForm:
    """The form: its inputs by field name, and its submission."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self.inputs: dict[str, ValidationElement[str | None]] = {}
        self.suggested: str | None = None
        self.submitting = False
        self.last_submission: tuple[LoanApplication, IdempotencyKey] | None = None

    def build(self) -> None:
        submit = reporting_errors(self.submit, where="/")
        form = box("form", "application").props("novalidate").mark("application")
        with form.on("submit.prevent", submit):
            self.message = box("div", "form-message")
            with box("div", "form-groups"):
                for title, names in GROUPS:
                    with (
                        card(title, f"group-{title.split()[0].lower()}"),
                        box("div", "fields"),
                    ):
                        for name in names:
                            self.inputs[name] = self._input(FIELD_BY_NAME[name])
            with box("div", "form-actions"):
                self.button = ui.button("Assess application").props(
                    "unelevated no-caps type=submit icon-right=east"
                )
                self.button.classes("button-primary")
                with box("p", "note"):
                    icon("history_edu")
                    Text("span", "Your name, the time and these details will be recorded.")
        self.inputs["fico_range_low"].on_value_change(self._suggest_fico_high)

    def _input(self, field: Field) -> ValidationElement[str | None]:
        element: ValidationElement[str | None]
        if isinstance(field, ChoiceField):
            value = field.choices[0] if field.name == "term" else None
            element = ui.select(labels.choice_labels(field), label=field.label, value=value)
            element.props("options-dense")
            hint = field.hint
        else:
            label = f"{field.label} (optional)" if field.optional else field.label
            is_money, unit = field.unit.startswith("$"), field.unit.removeprefix("$").strip()
            element = ui.input(label, prefix="$" if is_money else None, suffix=unit or None)
            element.props(f"inputmode={'numeric' if field.whole else 'decimal'} autocomplete=off maxlength=20")
            hint = f"{field.hint} {self._limits(field)}"
        element.props("outlined stack-label hide-bottom-space").mark(field.name)
        element.props["hint"] = hint
        element.on_value_change(lambda: self._clear_error(element))
        return element

    def _limits(self, field: NumberField) -> str:
        """The permitted values; for the amount, what the policy in force lends."""
        if field.name == "loan_amnt":
            product = self.context.use_cases.read_policy_in_force().product
            return f"{dollars(product.minimum_amount)} to {dollars(product.maximum_amount)}."
        text_of = dollars if field.unit.startswith("$") else number
        return f"{text_of(field.minimum)} to {text_of(field.maximum)}."

    def _clear_error(self, element: ValidationElement[str | None]) -> None:
        if element.error:
            element.error = None
            self._show_summary(sum(1 for other in self.inputs.values() if other.error))

    def _suggest_fico_high(self) -> None:
        upper = self.inputs["fico_range_high"]
        if upper.value in {None, "", self.suggested}:
            self.suggested = suggested_fico_high(self.inputs["fico_range_low"].value)
            upper.value = self.suggested or ""

    def use_sample_data(self) -> None:
        for name, value in SAMPLE.items():
            self.inputs[name].value = value

    async def submit(self) -> None:
        """Assess the application and open the decision, or show an error at each invalid field."""
        if self.submitting:
            return
        try:
            application = application_from({name: element.value for name, element in self.inputs.items()})
        except InvalidApplication as error:
            self._show_errors(error.errors)
            return
        self._show_errors({})
        self.submitting = True
        self.button.props("loading")
        try:
            assess, key = self.context.use_cases.assess_once, self._key_of(application)
            once = await assess(application, key=key, by=self.context.actor(), channel="web")
        finally:
            self.submitting = False
            self.button.props(remove="loading")
        ui.navigate.to(f"/decisions/{once.record.decision_id}")

    def _key_of(self, application: LoanApplication) -> IdempotencyKey:
        """The last key if the application is unchanged, so that it is decided only once; else a new key."""
        if self.last_submission is None or self.last_submission[0] != application:
            self.last_submission = application, IdempotencyKey(str(uuid4()))
        return self.last_submission[1]

    def _show_errors(self, errors: Mapping[str, str]) -> None:
        for name, element in self.inputs.items():
            element.error = errors.get(name)
        self._show_summary(len(errors))
        if errors:
            self.inputs[min(errors, key=list(self.inputs).index)].run_method("focus")

    def _show_summary(self, errors: int) -> None:
        self.message.clear()
        if errors:
            with self.message:
                alert("Not submitted.", "error", title=f"Please correct {counted(errors, 'field', 'fields')}")
