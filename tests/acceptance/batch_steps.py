"""The steps of batches, for both ways to the lender."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.lenders import OFFICER, Lender
from domain.access.user import Actor, Role
from support.batches import PORTAL, loans_as_csv
from support.loan_rows import LOAN, varied_loans


@dataclass
class BatchStory:
    """The file, and the batch that came of it; None when it was refused."""

    content: bytes = b""
    batch_id: UUID | None = None

    @property
    def batch(self) -> UUID:
        assert self.batch_id is not None
        return self.batch_id


@pytest.fixture
def batch_story() -> BatchStory:
    return BatchStory()


@given(parsers.parse("a file of {count:d} borrowers, one of whom does not say what she earns"))
def _(batch_story: BatchStory, count: int) -> None:
    batch_story.content = loans_as_csv([*varied_loans(count - 1), LOAN | {"annual_inc": ""}])


@when("the broker's portal hands the file in")
def _(lender: Lender, batch_story: BatchStory) -> None:
    batch_story.batch_id = lender.hand_in(batch_story.content, by=PORTAL)


@when(parsers.parse('the broker\'s portal hands the file in under the key "{key}"'))
def _(lender: Lender, batch_story: BatchStory, key: str) -> None:
    batch_story.batch_id = lender.hand_in(batch_story.content, by=PORTAL, key=key)


@when("a loan officer hands the file in")
def _(lender: Lender, batch_story: BatchStory) -> None:
    batch_story.batch_id = lender.hand_in(batch_story.content, by=OFFICER)


@when("the broker's portal cancels the batch")
def _(lender: Lender, batch_story: BatchStory) -> None:
    lender.cancel_batch(batch_story.batch, by=PORTAL)


@when("a risk manager cancels the batch")
def _(lender: Lender, batch_story: BatchStory) -> None:
    lender.cancel_batch(batch_story.batch, by=Actor("Rita", Role.RISK_MANAGER))


@then("for another broker's portal there is no such batch, to read or to cancel")
def _(lender: Lender, batch_story: BatchStory) -> None:
    other = Actor("other-portal", Role.SERVICE)
    assert lender.may_use_batch(batch_story.batch, by=other) == ("absent", "absent")


@when("the file has been worked on")
def _(lender: Lender) -> None:
    lender.work()


@then(
    parsers.re(r"the batch is (?P<state>\w+), with (?P<decided>\d+) decisions and (?P<refused>\d+) refused rows?")
)
def _(lender: Lender, batch_story: BatchStory, state: str, decided: str, refused: str) -> None:
    assert lender.batch(batch_story.batch) == (state, int(decided), int(refused))


@then("every result is on record as the portal got it")
def _(lender: Lender, batch_story: BatchStory) -> None:
    results = lender.batch_lines(batch_story.batch, "results")
    assert len(results) == 39
    for row in results:
        found = lender.look_up(UUID(row["decision_id"]))
        assert found.requested_by == PORTAL.name
        assert repr(found.answer.pd) == row["probability_of_default"]
        assert found.answer.outcome == row["outcome"]


@then("the refused row is told with its line and what is missing")
def _(lender: Lender, batch_story: BatchStory) -> None:
    (fault,) = lender.batch_lines(batch_story.batch, "errors")
    assert (fault["row"], fault["line"], fault["field"]) == ("40", "41", "annual_inc")
    assert fault["reason"].startswith("is missing")


@then(parsers.re(r"there (is|are) (?P<count>\d+) batch(es)?"))
def _(lender: Lender, count: str) -> None:
    assert lender.batches_in_all() == int(count)


@then("that is refused, and there are 0 batches")
def _(lender: Lender, batch_story: BatchStory) -> None:
    assert batch_story.batch_id is None
    assert lender.batches_in_all() == 0
