"""The dialog in which an outcome of a loan is recorded or corrected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from nicegui import ui

from domain.applications.money import Money
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import (
    LONGEST_REASON,
    InvalidLoanOutcome,
    LoanAmounts,
    LoanOutcome,
    StatedOutcome,
    is_reason,
)
from domain.outcomes.loan_status import LoanStatus
from domain.products.fields import LARGEST, NumberField
from domain.products.spelling import UnreadableText, read_number
from entrypoints.ui.outcomes.loan_view import AMOUNTS, STATUSES
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.formats import capital, sentence
from entrypoints.ui.shared.widgets import Text, box

_AMOUNT = NumberField("amount", "Amount", "$", 0, LARGEST, "")
_MOST_DIGITS = 5
Field = ChoiceInput | ui.input | ui.textarea


@dataclass(slots=True)
class OutcomeForm:
    """The fields, filled with the outcome that is corrected, if one is."""

    loan: Loan
    corrected: LoanOutcome | None = None
    fields: dict[str, Field] = field(default_factory=dict)

    def draw(self) -> None:
        """Draw the fields in the dialog."""
        stated = None if self.corrected is None else self.corrected.stated
        booked_on = self.loan.booked_on
        with box("div", "outcome-form"):
            status = ChoiceInput(
                {each.value: label for each, label in STATUSES.items()},
                label="Status",
                value=None if stated is None else stated.status.value,
            )
            self._add("status", status)
            self._add("as_of", _day_input("As of", None if stated is None else stated.as_of))
            self._add("booked_on", _day_input("Booked on", booked_on))
            days = None if stated is None else stated.days_past_due
            self._add("days_past_due", _input("Days past due", "" if days is None else str(days)))
            for name, label in AMOUNTS.items():
                amount = None if stated is None else getattr(stated.amounts, name)
                text = "" if amount is None else f"{amount.dollars:,.2f}"
                self._add(name, _input(label, text, prefix="$"))
            if self.corrected is not None:
                reason = ui.textarea("Reason for the correction").props(
                    f"outlined stack-label autogrow maxlength={LONGEST_REASON}"
                )
                self._add("reason", reason.classes("wide"))

    def _add(self, name: str, element: Field) -> None:
        element.props("outlined stack-label").mark(f"outcome-{name}")
        self.fields[name] = element

    @property
    def reason(self) -> str:
        """Why the outcome is corrected."""
        return " ".join(self._text("reason").split()) if "reason" in self.fields else ""

    def stated(self) -> StatedOutcome | None:
        """What the fields state; None with messages at the fields that cannot be read."""
        for element in self.fields.values():
            element.error = None
        status, as_of = self._text("status"), self._day("as_of", required=True)
        if not status:
            self.fields["status"].error = "Select an option"
        if "reason" in self.fields and not is_reason(self.reason):
            self.fields["reason"].error = "Required"
        booked_on, days = self._day("booked_on"), self._days_past_due()
        amounts = {name: self._amount(name) for name in AMOUNTS}
        if as_of is None or any(element.error for element in self.fields.values()):
            return None
        return StatedOutcome(LoanStatus(status), as_of, booked_on, days, LoanAmounts(**amounts))

    def show_faults(self, error: InvalidLoanOutcome) -> str:
        """Show each fault at its field; returns those of none."""
        others = []
        for fault in error.faults:
            if fault.field in self.fields:
                self.fields[fault.field].error = capital(fault.text)
            else:
                others.append(sentence(f"{fault.field} {fault.text}"))
        return " ".join(others)

    def _text(self, name: str) -> str:
        return str(self.fields[name].value or "").strip()

    def _day(self, name: str, *, required: bool = False) -> date | None:
        text = self._text(name)
        try:
            if text:
                return date.fromisoformat(text)
        except ValueError:
            self.fields[name].error = "Enter a date, e.g. 2026-03-14"
            return None
        if required:
            self.fields[name].error = "Required"
        return None

    def _days_past_due(self) -> int | None:
        text = self._text("days_past_due").replace(",", "")
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
            self.fields["days_past_due"].error = "Enter a whole number, e.g. 30"
            return None
        return int(text)

    def _amount(self, name: str) -> Money | None:
        try:
            dollars = read_number(self._text(name), _AMOUNT)
        except UnreadableText as fault:
            self.fields[name].error = sentence(str(fault))
            return None
        if dollars is None:
            return None
        if not 0 <= dollars <= LARGEST:
            self.fields[name].error = "Enter an amount, e.g. 1,250.50"
            return None
        return Money.of(dollars)


def _day_input(label: str, value: date | None) -> ui.input:
    return ui.input(label, value="" if value is None else value.isoformat()).props("type=date")


def _input(label: str, value: str, prefix: str = "") -> ui.input:
    element = ui.input(label, value=value).props("inputmode=decimal maxlength=20")
    return element.props(f"prefix={prefix}") if prefix else element


def dialog_texts(corrected: LoanOutcome | None) -> Mapping[str, str]:
    """Title, note and button of the dialog."""
    if corrected is None:
        return {
            "title": "Record an outcome",
            "note": "What became of the loan by the end of a day. Leave blank what is not known.",
            "action": "Record outcome",
        }
    return {
        "title": f"Correct outcome {corrected.number}",
        "note": "The outcome stays in the history; figures use the correction.",
        "action": "Record correction",
    }


def draw_heading(texts: Mapping[str, str]) -> None:
    """Draw the head of the dialog."""
    Text("h2", texts["title"])
    Text("p", texts["note"], "note")
