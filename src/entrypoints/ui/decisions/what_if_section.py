"""The decision page's card What if: changed values, and what would be decided, beside the decision."""

import asyncio
from collections.abc import Mapping
from functools import partial

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from application.use_cases.decisions.try_what_if import WhatIf, WhatIfVersions
from domain.access.user import Permission
from domain.decisions.decision_record import DecisionRecord
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition
from domain.products.spelling import UnreadableText
from entrypoints.ui.access.sessions import LoggedOut
from entrypoints.ui.applications.application_form import (
    InvalidApplication,
    application_from,
    entries_of,
    read_value,
)
from entrypoints.ui.decisions.what_if_view import (
    changeable_fields,
    compared_rows,
    slider_range,
    versions_text,
    with_partners,
)
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.error_messages import error_message_for, reporting_errors
from entrypoints.ui.shared.field_values import choice_labels, field_label
from entrypoints.ui.shared.formats import number
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, alert, box, card

_PAUSE_SECONDS = 0.15
"""The answer is asked for when the user has paused this long."""

_FINE_WIDTH = 50.0
"""A slider over a narrower range moves in halves."""

Input = ValidationElement[str | None]


def draw_what_if(record: DecisionRecord, product: ProductDefinition, context: PageContext) -> None:
    """The card, for users who may try changes."""
    if context.actor().may(Permission.TRY_WHAT_IF):
        WhatIfCard(record, product, context).draw()


class WhatIfCard:
    """The inputs and the answer. Of several changes in a row the last one is answered."""

    def __init__(self, record: DecisionRecord, product: ProductDefinition, context: PageContext) -> None:
        self._record = record
        self._product = product
        self._context = context
        self._given = entries_of(product.values_of(record.application))
        self._inputs: dict[str, Input] = {}
        self._sliders: dict[str, ui.slider] = {}
        self._ranges: dict[str, tuple[float, float]] = {}
        self._changes = 0

    def draw(self) -> None:
        """Draw it, without an answer until something is changed."""
        with card("What if", "what-if screen-only", note="Nothing is recorded."), box("div", "what-if-layout"):
            with box("div", "what-if-inputs"):
                for field in changeable_fields(self._product):
                    self._draw_input(field)
                self._present = ui.checkbox(
                    "Use the model and policy in force now", on_change=self._answer_after_pause
                ).mark("what-if-present")
                reset = ui.button("Reset", on_click=self._reset).props("flat no-caps icon=undo")
                reset.classes("button-text").mark("what-if-reset")
            self._answer = box("div", "what-if-answer").props("aria-live=polite")
        with self._answer:
            Text("p", "Change a value to see what would be decided.", "note")

    def _draw_input(self, field: Field) -> None:
        given = self._given[field.name]
        with box("div", "what-if-field"):
            if isinstance(field, ChoiceField):
                element: Input = ChoiceInput(choice_labels(field), label=field.label, value=given)
            else:
                unit = field.unit.removeprefix("$").strip()
                prefix = "$" if field.is_money else None
                element = ui.input(field_label(field), value=given or "", prefix=prefix, suffix=unit or None)
                element.props(f"inputmode={'numeric' if field.whole else 'decimal'} autocomplete=off maxlength=20")
            element.props("outlined dense stack-label hide-bottom-space").mark(f"what-if-{field.name}")
            element.on_value_change(partial(self._typed, field))
            self._inputs[field.name] = element
            if isinstance(field, NumberField):
                self._draw_slider(field)

    def _draw_slider(self, field: NumberField) -> None:
        value = self._number_in(field)
        low, high = self._ranges[field.name] = slider_range(field, value)
        step = self._step(field, high - low)
        slider = ui.slider(min=low, max=high, step=step, value=min(max(value or low, low), high))
        slider.props["aria-label"] = field_label(field)
        slider.mark(f"what-if-slider-{field.name}")
        slider.on("update:model-value", partial(self._slid, field), throttle=0.05)  # by the user, not by the input
        self._sliders[field.name] = slider

    @staticmethod
    def _step(field: NumberField, width: float) -> float:
        if field.is_money:
            return 100.0
        return 1.0 if field.whole or width > _FINE_WIDTH else 0.5

    def _number_in(self, field: NumberField) -> float | None:
        """The number in the input of a field; None while it has none."""
        try:
            value = read_value(field, self._inputs[field.name].value or "")
        except UnreadableText:
            return None
        return value if isinstance(value, float) else None

    def _slid(self, field: NumberField) -> None:
        self._inputs[field.name].value = number(float(self._sliders[field.name].value), 2).replace(",", "")

    async def _typed(self, field: Field) -> None:
        if isinstance(field, NumberField):
            value, slider = self._number_in(field), self._sliders[field.name]
            if value is not None and slider.value != value:
                low, high = self._ranges[field.name]
                slider.value = min(max(value, low), high)
        await self._answer_after_pause()

    def _reset(self) -> None:
        for name, element in self._inputs.items():
            element.value = self._given[name]
        self._present.value = False

    async def _answer_after_pause(self) -> None:
        self._changes += 1
        change = self._changes
        await asyncio.sleep(_PAUSE_SECONDS)
        if change == self._changes:
            await reporting_errors(partial(self._try, change), where="/decisions")()

    async def _try(self, change: int) -> None:
        entries = with_partners(
            self._given, {name: element.value for name, element in self._inputs.items()}, self._product
        )
        errors: Mapping[str, str] = {}
        try:
            application = application_from(entries, self._product)
        except InvalidApplication as invalid:
            errors = invalid.errors
        for name, element in self._inputs.items():
            element.error = errors.get(name)
        if errors:
            self._show_message("; ".join(text for name, text in errors.items() if name not in self._inputs))
            return
        versions = WhatIfVersions.PRESENT if self._present.value else WhatIfVersions.DECISION
        try:
            found = await self._context.use_cases.try_what_if(
                application, by=self._context.actor(), changed=self._record, versions=versions
            )
        except LoggedOut:
            raise
        except Exception as error:
            self._show_message(error_message_for(error, where="/decisions").details)
            return
        if change == self._changes:
            self._show(found)

    def _show_message(self, text: str) -> None:
        self._answer.clear()
        with self._answer:
            alert(text or "Correct the marked values.", "warning", title="Not available")

    def _show(self, found: WhatIf) -> None:
        self._answer.clear()
        with self._answer:
            with box("table", "what-if-table"):
                with box("thead"), box("tr"):
                    for title in ("Figure", "Decision", "What if"):
                        Text("th", title).props("scope=col")
                with box("tbody"):
                    for row in compared_rows(self._record, found):
                        with box("tr", "differs" if row.differs else ""):
                            Text("th", row.label).props("scope=row")
                            Text("td", row.decided)
                            Text("td", row.tried)
            Text("p", versions_text(found), "note")
