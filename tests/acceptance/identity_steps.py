"""Steps: the lender's own references, kept columns, and trial runs."""

from uuid import UUID

from pytest_bdd import given, parsers, then, when

from acceptance.batch_steps import BatchState
from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from application.ports.decisions.decision_archive import DecisionFilter
from domain.access.user import Actor, Role
from support.batches import PORTAL, loans_as_csv
from support.loan_rows import varied_loans

OTHER_PORTAL = Actor("other-portal", Role.SERVICE)


@given(parsers.parse('her application has the number "{number}" and came through the channel "{channel}"'))
def _(state: ScenarioState, number: str, channel: str) -> None:
    state.form.update(application_reference=number, channel=channel)


@when(parsers.re(r'she applies with the number "(?P<number>[^"]+)"'))
def _(lender: Lender, state: ScenarioState, number: str) -> None:
    state.responses.append(lender.apply(state.form | {"application_reference": number}))


@when(parsers.re(r'she applies with the number "(?P<number>[^"]+)" and the key "(?P<key>[^"]+)"'))
def _(lender: Lender, state: ScenarioState, number: str, key: str) -> None:
    state.responses.append(lender.apply_with_key(state.form | {"application_reference": number}, key))


@when(parsers.parse('the broker portal applies for her with the number "{number}"'))
def _(lender: Lender, state: ScenarioState, number: str) -> None:
    state.responses.append(lender.apply(state.form | {"application_reference": number}, by=PORTAL))


@then("the last request is refused")
def _(state: ScenarioState) -> None:
    assert state.responses[-1] is None


@then(parsers.parse('the record has the number "{number}" and the channel "{channel}"'))
def _(lender: Lender, state: ScenarioState, number: str, channel: str) -> None:
    given = lender.identity_of(state.answer.decision_id)
    assert given == {"application_reference": number, "channel": channel}


@then(parsers.re(r'a search for the number "(?P<number>.+)" finds (?P<count>\d+) decisions?'))
def _(lender: Lender, number: str, count: str) -> None:
    assert len(lender.find(DecisionFilter(application_reference=number), by=OFFICER)) == int(count)
    assert len(lender.find(DecisionFilter(text=number), by=OFFICER)) == int(count)


@then(
    parsers.re(
        r'(?P<who>the|another) broker portal finds (?P<count>\d+) decisions? by the number "(?P<number>.+)"'
    )
)
def _(lender: Lender, who: str, count: str, number: str) -> None:
    by = PORTAL if who == "the" else OTHER_PORTAL
    assert len(lender.find(DecisionFilter(application_reference=number), by=by)) == int(count)
    assert len(lender.find(DecisionFilter(text=number), by=by)) == int(count)


@given("a file of 3 applicants with the lender's numbers and branches")
def _(batch_state: BatchState) -> None:
    loans = varied_loans(3)
    batch_state.content = loans_as_csv(
        [loan | {"Application No.": f"LN-{row}", "Branch": f"branch {row}"} for row, loan in enumerate(loans, 1)]
    )


@when("the broker portal uploads the file and wants the branches in the results")
def _(lender: Lender, batch_state: BatchState) -> None:
    batch_state.batch_id = lender.upload_batch(batch_state.content, by=PORTAL, keep="Branch")


@when("the broker portal uploads the file as a trial run")
def _(lender: Lender, batch_state: BatchState) -> None:
    batch_state.batch_id = lender.upload_batch(batch_state.content, by=PORTAL, trial=True)


@then("each result has the number and the branch of its applicant")
def _(lender: Lender, batch_state: BatchState) -> None:
    results = lender.batch_lines(batch_state.batch, "results")
    shown = [(row["application_reference"], row["Branch"]) for row in results]
    assert shown == [(f"LN-{row}", f"branch {row}") for row in (1, 2, 3)]


@then("a search for each number finds the decision of its result")
def _(lender: Lender, batch_state: BatchState) -> None:
    for row in lender.batch_lines(batch_state.batch, "results"):
        found = lender.find(DecisionFilter(application_reference=row["application_reference"]), by=OFFICER)
        assert found == [UUID(row["decision_id"])]


@then(parsers.re(r"a search (?P<wanted>without|for) trial runs finds (?P<count>\d+) decisions?"))
def _(lender: Lender, wanted: str, count: str) -> None:
    assert len(lender.find(DecisionFilter(trial=wanted == "for"), by=OFFICER)) == int(count)
