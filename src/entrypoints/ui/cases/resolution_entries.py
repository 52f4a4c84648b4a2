"""Reads the form of a resolution; reports every invalid field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.applications.money import Money
from domain.cases.proposal import WantedResolution
from domain.cases.resolution import DocumentPointer, InvalidResolution
from domain.policies.final_outcome import FinalOutcome
from domain.products.fields import LARGEST, NumberField
from domain.products.spelling import UnreadableText, read_number
from entrypoints.ui.shared.formats import capital

Entries = Mapping[str, str | None]
AMOUNT = NumberField("amount", "Amount", "$", 0, LARGEST, "")


class InvalidEntries(ValueError):
    """The form has invalid fields; `errors` holds the messages by field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as it is entered."""

    type: str = ""
    date: str = ""
    sha256: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is entered."""
        return not (self.type or self.date or self.sha256)


def resolution_from(entries: Entries) -> WantedResolution:
    """The resolution in the form; raises InvalidEntries."""
    errors: dict[str, str] = {}
    texts = {name: (text or "").strip() for name, text in entries.items()}
    outcome = outcome_in(texts.get("outcome"))
    if outcome is None:
        errors["outcome"] = "Select an option"
    if not texts.get("reason"):
        errors["reason"] = "Select an option"
    if not texts.get("text"):
        errors["text"] = "Required"
    amount = term = None
    if outcome is FinalOutcome.COUNTER_OFFER:
        amount, term = amount_in(texts.get("amount", "")), term_in(texts.get("term", ""))
        if amount is None:
            errors["amount"] = "Enter an amount, e.g. 8,000"
        if term is None:
            errors["term"] = "Select an option"
    documents = _documents(texts.get("documents", ""), errors)
    if errors or outcome is None:
        raise InvalidEntries(errors)
    lines = texts.get("conditions", "").splitlines() if outcome.lends else ()
    return WantedResolution(
        outcome=outcome,
        reason=texts["reason"],
        text=texts["text"],
        amount=amount,
        term=term,
        documents=documents,
        conditions=tuple(line.strip() for line in lines if line.strip()),
    )


def outcome_in(text: str | None) -> FinalOutcome | None:
    """The selected outcome, if there is one."""
    return next((outcome for outcome in FinalOutcome if outcome.value == text), None)


def amount_in(text: str) -> Money | None:
    """The entered amount; None if there is none, or if it cannot be read."""
    try:
        amount = read_number(text, AMOUNT)
    except UnreadableText:
        return None
    return None if amount is None or not AMOUNT.allows(amount) else Money.of(amount)


def term_in(text: str) -> int | None:
    """The selected number of months."""
    return int(text) if text.isdecimal() else None


def document_rows(text: str) -> list[DocumentRow]:
    """The rows in the text in which the page keeps them; none if it is damaged."""
    try:
        rows = json.loads(text) if text else []
        return [DocumentRow(*(str(value) for value in row)) for row in rows]
    except (TypeError, ValueError):
        return []


def rows_text(rows: list[DocumentRow]) -> str:
    """The rows as a text."""
    return json.dumps([[row.type, row.date, row.sha256] for row in rows])


def _documents(text: str, errors: dict[str, str]) -> tuple[DocumentPointer, ...]:
    documents = []
    for number, row in enumerate(document_rows(text), 1):
        if row.is_empty:
            continue
        try:
            at = date.fromisoformat(row.date)
        except ValueError:
            errors["documents"] = f"Document {number}: enter its date"
            continue
        try:
            documents.append(DocumentPointer(row.type.strip(), at, row.sha256.strip().lower()))
        except InvalidResolution as fault:
            errors["documents"] = f"Document {number}: {capital(str(fault))}"
    return tuple(documents)
