"""Steps: other applications of the same applicant."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from acceptance.application_steps import dollars
from acceptance.batch_steps import BatchState
from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role
from domain.applications.money import Money
from support.batches import loans_as_csv

REFERENCE = "applicant_reference"


@given(parsers.parse('her applicant reference is "{reference}"'))
def _(state: ScenarioState, reference: str) -> None:
    state.form[REFERENCE] = reference


@when(parsers.parse("she applies again {days:d} days later"))
def _(lender: Lender, state: ScenarioState, days: int) -> None:
    lender.clock.offset += timedelta(days=days)
    state.responses.append(lender.apply(state.form))


@when(parsers.parse('she applies with the applicant reference "{reference}"'))
def _(lender: Lender, state: ScenarioState, reference: str) -> None:
    state.responses.append(lender.apply(state.form | {REFERENCE: reference}))


@when("she applies without an applicant reference")
def _(lender: Lender, state: ScenarioState) -> None:
    form = {name: value for name, value in state.form.items() if name != REFERENCE}
    state.responses.append(lender.apply(form))


@when(parsers.parse("she applies with a debt-to-income ratio of {percent:d} %"))
def _(lender: Lender, state: ScenarioState, percent: int) -> None:
    state.responses.append(lender.apply(state.form | {"dti": float(percent)}))


@when(parsers.re(r"she applies for \$(?P<amount>[\d,]+)( (?P<days>\d+) days later)?"))
def _(lender: Lender, state: ScenarioState, amount: str, days: str | None) -> None:
    lender.clock.offset += timedelta(days=int(days or 0))
    state.responses.append(lender.apply(state.form | {"loan_amnt": dollars(amount)}))


@when(parsers.re(r"she accepts \$(?P<amount>[\d,]+)"))
def _(lender: Lender, state: ScenarioState, amount: str) -> None:
    lender.histories.accepted[state.answer.decision_id] = Money.of(dollars(amount))


@when("the senior underwriter Sara approves the loan")
def _(lender: Lender, state: ScenarioState) -> None:
    sara, case_id = Actor("Sara", Role.SENIOR_UNDERWRITER), state.answer.decision_id
    assert not lender.work_case("claim", case_id, by=sara)
    body = {"outcome": "approved", "reason": "COMPENSATING_FACTORS", "text": "Both loans are affordable."}
    assert not lender.decide_case("resolution", case_id, body, by=sara)


@when(parsers.re(r"she accepts (\$(?P<amount>[\d,]+) of )?the (?P<which>\d)\w\w offer"))
def _(lender: Lender, state: ScenarioState, which: str, amount: str | None) -> None:
    decision_id = state.answers[int(which) - 1].decision_id
    state.refusal = lender.accept(decision_id, amount and dollars(amount), by=OFFICER)


@then(parsers.re(r"her (?P<which>\d)\w\w application is accepted for \$(?P<amount>[\d,]+)"))
def _(lender: Lender, state: ScenarioState, which: str, amount: str) -> None:
    decision_id = state.answers[int(which) - 1].decision_id
    assert lender.application(decision_id, by=OFFICER) == ("accepted", dollars(amount))


@given("a file in which Anna applies twice")
def _(state: ScenarioState, batch_state: BatchState) -> None:
    row = {name: str(value) for name, value in state.form.items()}
    batch_state.content = loans_as_csv([row, row])


@then(parsers.parse('the results are "{first}" and "{second}"'))
def _(lender: Lender, batch_state: BatchState, first: str, second: str) -> None:
    results = lender.batch_lines(batch_state.batch, "results")
    assert [row["outcome"] for row in results] == [first, second]


@then("the decision names the 1st decision as related")
def _(lender: Lender, state: ScenarioState) -> None:
    first, *_, last = state.answers
    assert lender.related_to(last.decision_id) == [first.decision_id]


@then("the decision names no related decision")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.related_to(state.answer.decision_id) == []
