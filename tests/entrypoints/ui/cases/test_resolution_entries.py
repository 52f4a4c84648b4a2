"""Reading the form of a resolution."""

from datetime import date

import pytest

from domain.applications.money import Money
from domain.cases.proposal import WantedResolution
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.cases.resolution_entries import (
    DocumentRow,
    InvalidEntries,
    document_rows,
    resolution_from,
    rows_text,
)

COMPLETE = {"outcome": "approved", "reason": "INCOME_VERIFIED", "text": " Three payslips. ", "conditions": ""}
DIGEST = "0123456789abcdef" * 4


def test_a_complete_form_is_a_resolution():
    entries = COMPLETE | {"conditions": "Insurance\n\n  Title transferred ", "amount": "9", "term": "36"}
    assert resolution_from(entries) == WantedResolution(
        FinalOutcome.APPROVED,
        "INCOME_VERIFIED",
        "Three payslips.",
        conditions=("Insurance", "Title transferred"),
    )


def test_a_counter_offer_has_an_amount_and_a_term():
    offer = COMPLETE | {"outcome": "counter_offer", "amount": "$8,000.50", "term": "60"}
    wanted = resolution_from(offer)
    assert (wanted.amount, wanted.term) == (Money(800_050), 60)
    with pytest.raises(InvalidEntries) as raised:
        resolution_from(offer | {"amount": "much", "term": ""})
    assert raised.value.errors.keys() == {"amount", "term"}


def test_a_decline_leaves_out_what_was_typed_for_other_outcomes():
    entries = COMPLETE | {"outcome": "declined", "amount": "8000", "term": "36", "conditions": "Insurance"}
    wanted = resolution_from(entries)
    assert (wanted.amount, wanted.term, wanted.conditions) == (None, None, ())


def test_every_missing_entry_is_named():
    with pytest.raises(InvalidEntries) as raised:
        resolution_from({"text": "  "})
    assert raised.value.errors == {
        "outcome": "Select an option",
        "reason": "Select an option",
        "text": "Required",
    }


def test_documents_are_read_from_their_rows():
    rows = [DocumentRow(" payslip ", "2026-03-14", DIGEST.upper()), DocumentRow()]
    documents = resolution_from(COMPLETE | {"documents": rows_text(rows)}).documents
    assert [(each.type, each.date, each.sha256) for each in documents] == [("payslip", date(2026, 3, 14), DIGEST)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (DocumentRow("payslip", "", DIGEST), "Document 1: enter its date"),
        (DocumentRow("payslip", "2026-03-14", "abc"), "Document 1: A document's sha256"),
        (DocumentRow("", "2026-03-14", DIGEST), "Document 1: A document's type"),
    ],
)
def test_an_incomplete_document_is_named(row: DocumentRow, message: str):
    with pytest.raises(InvalidEntries) as raised:
        resolution_from(COMPLETE | {"documents": rows_text([row])})
    assert raised.value.errors["documents"].startswith(message)


@pytest.mark.parametrize("text", ["", "{", "[1]", '[["a", "b", "c", "d"]]', "null"])
def test_damaged_rows_of_a_draft_are_left_out(text: str):
    assert document_rows(text) == []
