"""A decision is shown with the definition of the product it was made on."""

from dataclasses import replace

import pytest

from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.products import MemoryProducts
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from application.use_cases.products.read_product_of import ReadProductOf
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_decision_record
from support.other_product import BOAT_LOAN

OF_PERSONAL_LOAN = replace(a_decision_record(), product_fingerprint=PERSONAL_LOAN.fingerprint)
OF_BOAT = replace(
    a_decision_record(),
    prediction=replace(
        a_decision_record().prediction, contributions=(0.0,) * len(BOAT_LOAN.characteristics), out_of_domain=()
    ),
    application=BOAT_LOAN.application_from(BOAT_LOAN.example),
    product_fingerprint=BOAT_LOAN.fingerprint,
)
UNREADABLE = UnreadableDecision(OF_BOAT.decision_id, OF_BOAT.decided_at, "ann", None, "it is not JSON")


async def test_the_product_of_a_decision_need_not_be_in_force():
    read = ReadProductOf(MemoryProductInForce(BOAT_LOAN), MemoryProducts(PERSONAL_LOAN))
    assert await read(OF_BOAT) is BOAT_LOAN
    assert await read(OF_PERSONAL_LOAN) is PERSONAL_LOAN
    assert await read(replace(OF_PERSONAL_LOAN, product_fingerprint="")) is PERSONAL_LOAN


async def test_another_definition_under_the_same_version_is_not_used():
    read = ReadProductOf(MemoryProductInForce(replace(BOAT_LOAN, label="Yacht loan")), MemoryProducts())
    with pytest.raises(DecisionUnreadable, match="boat_loan 3"):
        await read(OF_BOAT)


async def test_records_without_a_fingerprint_are_of_the_built_in_definition_not_of_one_with_its_name():
    edited = replace(PERSONAL_LOAN, label="Edited loan")
    read = ReadProductOf(MemoryProductInForce(edited), MemoryProducts(PERSONAL_LOAN, edited))
    assert await read(replace(OF_PERSONAL_LOAN, product_fingerprint="")) is PERSONAL_LOAN


async def test_a_list_shows_what_it_can_and_says_what_it_cannot():
    read = ReadProductOf(MemoryProductInForce(BOAT_LOAN), MemoryProducts())
    boat, unreadable, unknown, another = await read.for_each([OF_BOAT, UNREADABLE, OF_PERSONAL_LOAN, OF_BOAT])
    assert boat == another == (OF_BOAT, BOAT_LOAN)
    assert unreadable is UNREADABLE
    assert isinstance(unknown, UnreadableDecision)
    assert (unknown.decision_id, unknown.requested_by) == (OF_PERSONAL_LOAN.decision_id, "marta")
    assert "personal_loan 1" in unknown.problem
