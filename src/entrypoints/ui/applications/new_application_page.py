"""New application: a form with the product's fields that leads to the decision."""

from collections.abc import Mapping
from functools import partial
from uuid import uuid4

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from application.ports.decisions.idempotency import IdempotencyKey
from domain.access.user import Permission
from domain.applications.loan_application import LoanApplication
from domain.products.fields import ChoiceField, Field, NumberField
from entrypoints.ui.applications.application_form import (
    InvalidApplication,
    application_from,
    sample_of,
    suggested_high_end,
)
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.field_values import choice_labels
from entrypoints.ui.shared.formats import counted, dollars, number
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, box, card, icon, page_header

_WIDE = 4
"""A group of more fields takes the whole width of the page."""


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
        self.product = context.use_cases.read_product_in_force()
        self.inputs: dict[str, ValidationElement[str | None]] = {}
        self.suggested: dict[str, str | None] = {}
        self.submitting = False
        self.last_submission: tuple[LoanApplication, IdempotencyKey] | None = None

    def build(self) -> None:
        submit = reporting_errors(self.submit, where="/")
        form = box("form", "application").props("novalidate").mark("application")
        with form.on("submit.prevent", submit):
            self.message = box("div", "form-message")
            with box("div", "form-groups"):
                for title, fields in self.product.groups.items():
                    classes = "group-wide" if len(fields) > _WIDE else ""
                    with card(title, classes), box("div", "fields"):
                        for field in fields:
                            self.inputs[field.name] = self._input(field)
            with box("div", "form-actions"):
                self.button = ui.button("Assess application").props(
                    "unelevated no-caps type=submit icon-right=east"
                )
                self.button.classes("button-primary")
                with box("p", "note"):
                    icon("history_edu")
                    Text("span", "Your name, the time and these details will be recorded.")
        for field in self.product.fields:
            if isinstance(field, NumberField) and field.not_below:
                suggest = partial(self._suggest_high_end, field)
                self.inputs[field.not_below].on_value_change(suggest)

    def _input(self, field: Field) -> ValidationElement[str | None]:
        element: ValidationElement[str | None]
        label = f"{field.label} (optional)" if field.optional else field.label
        if isinstance(field, ChoiceField):
            value = field.choices[0] if field.name == self.product.term else None
            element = ui.select(choice_labels(field), label=label, value=value, clearable=field.optional)
            element.props("options-dense")
            hint = field.hint
        else:
            unit = field.unit.removeprefix("$").strip()
            element = ui.input(label, prefix="$" if field.is_money else None, suffix=unit or None)
            element.props(f"inputmode={'numeric' if field.whole else 'decimal'} autocomplete=off maxlength=20")
            hint = f"{field.hint} {self._limits(field)}".strip()
        element.props("outlined stack-label hide-bottom-space").mark(field.name)
        element.props["hint"] = hint
        element.on_value_change(lambda: self._clear_error(element))
        return element

    def _limits(self, field: NumberField) -> str:
        """The permitted values; for the amount, what the policy in force lends."""
        if field.name == self.product.amount:
            loans = self.context.use_cases.read_policy_in_force().pricing
            return f"{dollars(loans.minimum_amount)} to {dollars(loans.maximum_amount)}."
        text_of = dollars if field.is_money else number
        return f"{text_of(field.minimum)} to {text_of(field.maximum)}."

    def _clear_error(self, element: ValidationElement[str | None]) -> None:
        if element.error:
            element.error = None
            self._show_summary(sum(1 for other in self.inputs.values() if other.error))

    def _suggest_high_end(self, high: NumberField) -> None:
        low = self.product.field_by_name[high.not_below]
        upper, suggested = self.inputs[high.name], self.suggested.get(high.name)
        if isinstance(low, NumberField) and upper.value in {None, "", suggested}:
            self.suggested[high.name] = suggested_high_end(self.inputs[low.name].value, low, high)
            upper.value = self.suggested[high.name] or ""

    def use_sample_data(self) -> None:
        for name, value in sample_of(self.product).items():
            self.inputs[name].value = value

    async def submit(self) -> None:
        """Assess the application and open the decision, or show an error at each invalid field."""
        if self.submitting:
            return
        try:
            entries = {name: element.value for name, element in self.inputs.items()}
            application = application_from(entries, self.product)
        except InvalidApplication as error:
            self._show_errors(error.errors)
            return
        self._show_errors({})
        self.submitting = True
        self.button.props("loading")
        try:
            assess, key = self.context.use_cases.assess_once, self._key_of(application)
            once = await assess(application, key=key, by=self.context.actor(), received_through="web")
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
