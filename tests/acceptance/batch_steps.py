"""Steps: batches."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.lender import OFFICER, Lender
from domain.access.user import Actor, Role
from support.batches import PORTAL, loans_as_csv
from support.loan_rows import LOAN, varied_loans


@dataclass
class BatchState:
    """The file, and the batch created from it; None if the upload was refused."""

    content: bytes = b""
    batch_id: UUID | None = None

    @property
    def batch(self) -> UUID:
        assert self.batch_id is not None
        return self.batch_id


@pytest.fixture
def batch_state() -> BatchState:
    return BatchState()


@given(parsers.parse("a file of {count:d} applicants, one of them without an income"))
def _(batch_state: BatchState, count: int) -> None:
    batch_state.content = loans_as_csv([*varied_loans(count - 1), LOAN | {"annual_inc": ""}])


@when("the broker portal uploads the file")
def _(lender: Lender, batch_state: BatchState) -> None:
    batch_state.batch_id = lender.upload_batch(batch_state.content, by=PORTAL)


@when(parsers.parse('the broker portal uploads the file with the key "{key}"'))
def _(lender: Lender, batch_state: BatchState, key: str) -> None:
    batch_state.batch_id = lender.upload_batch(batch_state.content, by=PORTAL, key=key)


@when("a loan officer uploads the file")
def _(lender: Lender, batch_state: BatchState) -> None:
    batch_state.batch_id = lender.upload_batch(batch_state.content, by=OFFICER)


@when("the broker portal cancels the batch")
def _(lender: Lender, batch_state: BatchState) -> None:
    lender.cancel_batch(batch_state.batch, by=PORTAL)


@when("a risk manager cancels the batch")
def _(lender: Lender, batch_state: BatchState) -> None:
    lender.cancel_batch(batch_state.batch, by=Actor("Rita", Role.RISK_MANAGER))


@when("the batch has been processed")
def _(lender: Lender) -> None:
    lender.process_batches()


@then("another broker portal can neither read nor cancel the batch")
def _(lender: Lender, batch_state: BatchState) -> None:
    other = Actor("other-portal", Role.SERVICE)
    assert lender.can_use_batch(batch_state.batch, by=other) == ("absent", "absent")


@then(
    parsers.re(
        r"the batch is (?P<batch_status>\w+), with (?P<decided>\d+) decisions and (?P<rejected>\d+) rejected rows?"
    )
)
def _(lender: Lender, batch_state: BatchState, batch_status: str, decided: str, rejected: str) -> None:
    assert lender.batch(batch_state.batch) == (batch_status, int(decided), int(rejected))


@then("every result matches its decision record")
def _(lender: Lender, batch_state: BatchState) -> None:
    results = lender.batch_lines(batch_state.batch, "results")
    assert len(results) == 39
    for row in results:
        recorded = lender.read_decision(UUID(row["decision_id"]))
        assert recorded.requested_by == PORTAL.name
        assert repr(recorded.answer.pd) == row["probability_of_default"]
        assert recorded.answer.outcome == row["outcome"]


@then("the rejected row is listed with its line and the missing field")
def _(lender: Lender, batch_state: BatchState) -> None:
    (error,) = lender.batch_lines(batch_state.batch, "errors")
    assert (error["row"], error["line"], error["field"]) == ("40", "41", "annual_inc")
    assert error["reason"].startswith("is missing")


@then(parsers.re(r"there (is|are) (?P<count>\d+) batch(es)?"))
def _(lender: Lender, count: str) -> None:
    assert lender.batch_count() == int(count)


@then("the upload is refused, and there are 0 batches")
def _(lender: Lender, batch_state: BatchState) -> None:
    assert batch_state.batch_id is None
    assert lender.batch_count() == 0
