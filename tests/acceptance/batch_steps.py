"""Steps: batches."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.lender import OFFICER, Lender
from domain.access.user import Actor, Role
from domain.batches.file_conventions import conventions_from
from support.batches import PORTAL, loans_as_csv
from support.loan_rows import LOAN, varied_loans


@dataclass
class BatchState:
    """The file, and the batch created from it; None if the upload was refused."""

    content: bytes = b""
    batch_id: UUID | None = None
    in_percent: list[dict[str, str]] = field(default_factory=list)

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


@given("a file of 6 applicants whose debt ratios are written as fractions")
def _(batch_state: BatchState) -> None:
    batch_state.in_percent = [LOAN | {"dti": str(dti)} for dti in (4, 9.5, 15.5, 21, 33.25, 40)]
    batch_state.content = loans_as_csv(
        [loan | {"dti": repr(float(loan["dti"]) / 100)} for loan in batch_state.in_percent]
    )


@given("two files of 3 applicants put together, with the columns of the second in another order")
def _(batch_state: BatchState) -> None:
    loans = varied_loans(3)
    batch_state.content = loans_as_csv(loans) + loans_as_csv([dict(reversed(loan.items())) for loan in loans])


@given("a file of 3 applicants, all without an income")
def _(batch_state: BatchState) -> None:
    batch_state.content = loans_as_csv([LOAN | {"annual_inc": ""}] * 3)


@when("the broker portal uploads the file and states that percentages are fractions")
def _(lender: Lender, batch_state: BatchState) -> None:
    stated = conventions_from({"percent_as": "fraction"})
    batch_state.batch_id = lender.upload_batch(batch_state.content, by=PORTAL, conventions=stated)


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


@then("the batch says that the debt ratios look like fractions")
def _(lender: Lender, batch_state: BatchState) -> None:
    fault = lender.batch_fault(batch_state.batch)
    assert "all 6 values of dti lie between 0 and 1.5, like fractions" in fault
    assert "percent_as=fraction" in fault


@then("every applicant has the decision of the same file in percent")
def _(lender: Lender, batch_state: BatchState) -> None:
    converted = [row["probability_of_default"] for row in lender.batch_lines(batch_state.batch, "results")]
    in_percent = lender.upload_batch(loans_as_csv(batch_state.in_percent), by=PORTAL)
    lender.process_batches()
    assert in_percent is not None
    assert converted == [row["probability_of_default"] for row in lender.batch_lines(in_percent, "results")]


@then("the applicants of the second file have the decisions of those of the first")
def _(lender: Lender, batch_state: BatchState) -> None:
    decided = [row["probability_of_default"] for row in lender.batch_lines(batch_state.batch, "results")]
    assert decided[:3] == decided[3:]
    assert len(set(decided)) == 3


@then("the batch says that every row was rejected because of the income")
def _(lender: Lender, batch_state: BatchState) -> None:
    fault = lender.batch_fault(batch_state.batch)
    assert fault.startswith("every row was rejected, 3 in all")
    assert "row 1, line 2: annual_inc is missing" in fault


@then(parsers.re(r"there (is|are) (?P<count>\d+) batch(es)?"))
def _(lender: Lender, count: str) -> None:
    assert lender.batch_count() == int(count)


@then("the upload is refused, and there are 0 batches")
def _(lender: Lender, batch_state: BatchState) -> None:
    assert batch_state.batch_id is None
    assert lender.batch_count() == 0
