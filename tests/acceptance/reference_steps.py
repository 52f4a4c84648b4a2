"""Steps: one application per reference, and applications that are decided again."""

import csv
from dataclasses import dataclass, field
from io import StringIO
from uuid import UUID

import pytest
from pytest_bdd import parsers, then, when

from acceptance.answers import Submission
from acceptance.application_steps import dollars
from acceptance.batch_steps import BatchState
from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role
from support.batches import PORTAL, loans_as_csv

OTHER_PORTAL = Actor("other-portal", Role.SERVICE)


@dataclass
class References:
    """What was submitted in a scenario, and the form that was submitted last."""

    lender: Lender
    state: ScenarioState
    submitted: list[Submission] = field(default_factory=list)
    form: dict[str, object] = field(default_factory=dict)
    results: list[list[dict[str, str]]] = field(default_factory=list)

    def submit(self, by: Actor) -> None:
        submission = self.lender.submit(self.form, by=by)
        self.submitted.append(submission)
        self.state.responses.append(submission.answer)


@pytest.fixture
def references(lender: Lender, state: ScenarioState) -> References:
    return References(lender, state)


def portal(who: str) -> Actor:
    return PORTAL if who == "the" else OTHER_PORTAL


@when(
    parsers.re(
        r'(?P<who>the|another) broker portal sends her application as "(?P<number>[^"]+)"'
        r'( for \$(?P<amount>[\d,]+))?( from the source "(?P<source>[^"]+)")?'
    )
)
def _(references: References, who: str, number: str, amount: str | None, source: str | None) -> None:
    references.form = references.state.form | {"application_reference": number}
    if amount:
        references.form["loan_amnt"] = dollars(amount)
    if source:
        references.form["source"] = source
    references.submit(portal(who))


@when(
    parsers.re(
        r"(?P<who>the|another) broker portal corrects (?P<which>it|the first decision) to \$(?P<amount>[\d,]+)"
    )
)
def _(references: References, who: str, which: str, amount: str) -> None:
    made = [each.answer for each in references.submitted if each.answer]
    superseded = made[0] if which == "the first decision" else made[-1]
    references.form |= {
        "loan_amnt": dollars(amount),
        "supersedes": str(superseded.decision_id),
        "supersedes_reason": "correction",
    }
    references.submit(portal(who))


@when("the broker portal repeats the correction")
def _(references: References) -> None:
    references.submit(PORTAL)


@when("the broker portal accepts the offer")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.accept(state.answer.decision_id, None, PORTAL) == ""


@when("the broker portal uploads the file twice and both are processed")
def _(lender: Lender, references: References, batch_state: BatchState) -> None:
    for _time in range(2):
        batch_state.batch_id = lender.upload_batch(batch_state.content, by=PORTAL)
        lender.process_batches()
        references.results.append(lender.batch_lines(batch_state.batch, "results"))


@then(
    parsers.re(
        r"the last request is refused because (?P<why>the number is taken|the decision is superseded|"
        r"the application is accepted|there is no such decision)(, and (?P<named>.+) is named)?"
    )
)
def _(references: References, why: str, named: str | None) -> None:
    refused = references.submitted[-1]
    assert refused.answer is None
    rules = {
        "the number is taken": "application-reference-taken",
        "the decision is superseded": "already-superseded",
        "the application is accepted": "already-accepted",
        "there is no such decision": "superseded-decision-not-found",
    }
    assert refused.refusal == rules[why]
    places = {"the first decision": 0, "the second decision": 1}
    if named in places:
        answer = references.submitted[places[named]].answer
        assert answer is not None
        assert refused.named == answer.decision_id
    elif named:
        assert refused.named is None


@then(parsers.parse('the second decision supersedes the first because of a "{reason}"'))
def _(lender: Lender, state: ScenarioState, reason: str) -> None:
    first, second = state.answers
    assert lender.links(second.decision_id, PORTAL) == (first.decision_id, reason, None)
    assert lender.links(first.decision_id, PORTAL) == (None, None, second.decision_id)


@then("the second and the third response contain the same decision")
def _(state: ScenarioState) -> None:
    _, second, third = state.answers
    assert second.decision_id == third.decision_id
    assert (second.replayed, third.replayed) == (False, True)


@then("both files have the same decisions")
def _(references: References) -> None:
    first, second = references.results
    assert [row["decision_id"] for row in first] == [row["decision_id"] for row in second]


def rows_of(batch_state: BatchState) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(batch_state.content.decode())))


@when("the broker portal uploads the file with a correction of the second application")
def _(lender: Lender, references: References, batch_state: BatchState) -> None:
    references.results.append(lender.batch_lines(batch_state.batch, "results"))
    rows = [row | {"supersedes": "", "supersedes_reason": ""} for row in rows_of(batch_state)]
    rows[1]["supersedes"] = references.results[0][1]["decision_id"]
    rows[1] |= {"loan_amnt": "4321", "supersedes_reason": "correction"}
    batch_state.batch_id = lender.upload_batch(loans_as_csv(rows), by=PORTAL)


@when("the broker portal uploads the file with every row twice")
def _(lender: Lender, batch_state: BatchState) -> None:
    rows = rows_of(batch_state)
    batch_state.batch_id = lender.upload_batch(loans_as_csv([*rows, *rows]), by=PORTAL)


@then(parsers.parse('the second decision is superseded because of a "{reason}", and the others stay'))
def _(lender: Lender, references: References, batch_state: BatchState, reason: str) -> None:
    (first,) = references.results
    second = lender.batch_lines(batch_state.batch, "results")
    before, after = ([UUID(row["decision_id"]) for row in rows] for rows in (first, second))
    assert lender.links(after[1], PORTAL) == (before[1], reason, None)
    assert lender.links(before[1], PORTAL) == (None, None, after[1])
    assert (after[0], after[2]) == (before[0], before[2])


@then("every row has the decision of its application")
def _(lender: Lender, batch_state: BatchState) -> None:
    made = [row["decision_id"] for row in lender.batch_lines(batch_state.batch, "results")]
    assert len(made) == 6
    assert made[:3] == made[3:]
