"""The inputs of the application form: one per field, checked when the user leaves it and again on correction."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from domain.applications.application_identity import ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.decisions.circumstances import Circumstances
from domain.policies.pricing import Pricing
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.applications.application_form import (
    Entries,
    InvalidApplication,
    application_from,
    suggested_high_end,
)
from entrypoints.ui.applications.bureau_inputs import bureau_data_from, bureau_entries, draw_bureau_inputs
from entrypoints.ui.applications.identity_inputs import InvalidReferences, draw_identity_inputs, identity_from
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.field_values import choice_labels
from entrypoints.ui.shared.formats import counted, dollars, number
from entrypoints.ui.shared.labels import BUREAU, IDENTITY
from entrypoints.ui.shared.widgets import Text, alert, box, card

_WIDE = 4
"""A group of more fields takes the whole width of the page."""

Input = ValidationElement[str | None]


@dataclass(frozen=True, slots=True)
class Submission:
    """What a valid form submits."""

    application: LoanApplication
    identity: ApplicationIdentity
    bureau_data: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def circumstances(self) -> Circumstances:
        """What the form says about the credit bureau's data."""
        return bureau_data_from(self.bureau_data)[0]


class ApplicationInputs:
    """The inputs by field name, with the message of each invalid field and a summary of all after a submission."""

    def __init__(self, product: ProductDefinition, pricing: Pricing, *, again: bool = False) -> None:
        self.product = product
        self._again = again
        self.by_name: dict[str, Input] = {}
        self._labels = {field.name: field.label for field in product.fields} | dict(IDENTITY) | dict(BUREAU)
        self._pricing = pricing
        self._suggested: dict[str, str | None] = {}
        self._filled: set[str] = set()
        self._rejected = False
        self._listed: Mapping[str, str] = {}

    def draw(self) -> None:
        """Draw the summary of errors, and the inputs in their groups."""
        self._summary = box("div", "form-message")
        with box("div", "form-groups"):
            for title, fields in self.product.groups.items():
                with card(title, "group-wide" if len(fields) > _WIDE else ""), box("div", "fields"):
                    for field in fields:
                        self.by_name[field.name] = self._input(field)
            with card("References", "group-wide"), box("div", "fields"):
                for name, element in draw_identity_inputs().items():
                    self.by_name[name] = self._finished(element, name)
            with card("Credit bureau", "group-wide"), box("div", "fields"):
                for name, element in draw_bureau_inputs().items():
                    self.by_name[name] = self._finished(element, name)
        for field in self.product.fields:
            if isinstance(field, NumberField) and field.not_below:
                self.by_name[field.not_below].on_value_change(partial(self._suggest_high_end, field))

    @property
    def entries(self) -> Entries:
        """What is typed or selected, by field name."""
        return {name: element.value for name, element in self.by_name.items()}

    def fill(self, entries: Entries) -> None:
        """Enter texts and choices by field name; fields that are not named keep their entries."""
        for name, element in self.by_name.items():
            if name in entries:
                element.value = entries[name]
        for field in self.product.fields:
            if isinstance(field, NumberField) and field.not_below:
                self._suggest_high_end(field)

    def read(self) -> Submission | None:
        """The submission; None if a field is invalid: then every error is shown, and the first field focused."""
        submission = self._read()
        if isinstance(submission, Submission):
            self._show({})
            return submission
        self.reject(submission)
        return None

    def _read(self) -> Submission | Mapping[str, str]:
        """The submission, or the errors by field name."""
        errors: dict[str, str] = {}
        try:
            application = application_from(self.entries, self.product)
        except InvalidApplication as invalid:
            errors |= invalid.errors
        try:
            identity = identity_from(self.entries, supersedes=self._again)
        except InvalidReferences as invalid:
            errors |= invalid.errors
        circumstances, in_bureau_data = bureau_data_from(self.entries)
        errors |= in_bureau_data
        return errors or Submission(application, identity, bureau_entries(circumstances))

    def reject(self, errors: Mapping[str, str]) -> None:
        """Show errors that were found after the submission, and focus the first field."""
        self._rejected = True
        self._show(errors)
        self.focus(min(errors, key=list(self.by_name).index))

    def focus(self, name: str) -> None:
        """Move the keyboard focus to the input of a field."""
        self.by_name[name].run_method("focus")

    def _input(self, field: Field) -> Input:
        element: Input
        label = f"{field.label} (optional)" if field.optional else field.label
        if isinstance(field, ChoiceField):
            value = field.choices[0] if field.name == self.product.term else None
            empty = field.if_missing if field.optional else ""
            element = ChoiceInput(choice_labels(field), label=label, value=value, empty=empty)
            hint = field.hint
        else:
            unit = field.unit.removeprefix("$").strip()
            element = ui.input(label, prefix="$" if field.is_money else None, suffix=unit or None)
            element.props(f"inputmode={'numeric' if field.whole else 'decimal'} autocomplete=off maxlength=20")
            hint = f"{field.hint} {self._limits(field)}".strip()
        element.props["hint"] = hint
        return self._finished(element, field.name)

    def _finished(self, element: Input, name: str) -> Input:
        """The input in the form's style, checked on leaving and on correction."""
        element.props("outlined stack-label hide-bottom-space").mark(name)
        element.on_value_change(partial(self._check_again, name))
        element.on("blur", partial(self._check_on_leaving, name), args=[])
        return element

    def _limits(self, field: NumberField) -> str:
        """The permitted values; for the amount, what the policy in force lends."""
        if field.name == self.product.amount:
            return f"{dollars(self._pricing.minimum_amount)} to {dollars(self._pricing.maximum_amount)}."
        text_of = dollars if field.is_money else number
        return f"{text_of(field.minimum)} to {text_of(field.maximum)}."

    def _check_on_leaving(self, name: str) -> None:
        """Show the errors of fields that have or had an entry; others may yet be filled before the submission."""
        self._check([each for each in self._compared_with(name) if each in self._filled])

    def _check_again(self, name: str) -> None:
        """Update the errors that a changed entry may correct."""
        if self.by_name[name].value:
            self._filled.add(name)
        self._check([each for each in self._compared_with(name) if self.by_name[each].error])

    def _compared_with(self, name: str) -> list[str]:
        """The field and those that must reach it."""
        return [
            name,
            *(one.name for one in self.product.fields if isinstance(one, NumberField) and one.not_below == name),
        ]

    def _check(self, names: Sequence[str]) -> None:
        if not names:
            return
        read = self._read()
        errors = {} if isinstance(read, Submission) else read
        for name in names:
            self.by_name[name].error = errors.get(name)
        self._summarize()

    def _show(self, errors: Mapping[str, str]) -> None:
        for name, element in self.by_name.items():
            element.error = errors.get(name)
        self._summarize()

    def _summarize(self) -> None:
        """List the errors of a rejected submission until all are corrected; each leads to its field."""
        errors = {
            name: element.error for name, element in self.by_name.items() if element.error and self._rejected
        }
        self._rejected = bool(errors)
        if errors == self._listed:  # drawing again would replace a link that is just being clicked
            return
        self._listed = errors
        self._summary.clear()
        if not errors:
            return
        title = f"Please correct {counted(len(errors), 'field', 'fields')}"
        with self._summary, alert("Not submitted.", "error", title=title), box("ul", "error-list"):
            for name, error in errors.items():
                with box("li"):
                    link = Text("a", self._labels[name]).props("href=#content")
                    link.on("click.prevent", partial(self.focus, name))
                    Text("span", f": {error}")

    def _suggest_high_end(self, high: NumberField) -> None:
        low = self.product.field_by_name[high.not_below]
        upper, suggested = self.by_name[high.name], self._suggested.get(high.name)
        if isinstance(low, NumberField) and upper.value in {None, "", suggested}:
            self._suggested[high.name] = suggested_high_end(self.by_name[low.name].value, low, high)
            upper.value = self._suggested[high.name] or ""
