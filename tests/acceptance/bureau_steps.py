"""Steps: what is said of the credit bureau's data."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from acceptance.batch_steps import BatchState
from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS
from support.batches import loans_as_csv


@when(parsers.re(r'she applies with the bureau status "(?P<status>\w+)"'))
def _(lender: Lender, state: ScenarioState, status: str) -> None:
    state.responses.append(lender.apply(state.form | {BUREAU_STATUS: status}))


@when(parsers.re(r'she applies (again )?with the bureau status "(?P<status>\w+)" and the key "(?P<key>.+)"'))
def _(lender: Lender, state: ScenarioState, status: str, key: str) -> None:
    state.responses.append(lender.apply_with_key(state.form | {BUREAU_STATUS: status}, key))


@when(parsers.re(r"she applies with a bureau report of (?P<days>\d+) days (?P<when>ago|from now)"))
def _(lender: Lender, state: ScenarioState, days: str, when: str) -> None:
    distance = timedelta(days=int(days) if when == "from now" else -int(days))
    report = (lender.clock.now() + distance).date().isoformat()
    state.responses.append(lender.apply(state.form | {BUREAU_REPORT_DATE: report}))


@when("a year passes")
def _(lender: Lender) -> None:
    lender.advance_clock(timedelta(days=365))


@given(parsers.parse('a file in which Anna applies with the bureau statuses "", "{second}" and "{third}"'))
def _(state: ScenarioState, batch_state: BatchState, second: str, third: str) -> None:
    row = {name: str(value) for name, value in state.form.items()}
    batch_state.content = loans_as_csv([row | {BUREAU_STATUS: status} for status in ("", second, third)])


@then(parsers.parse("row {row:d} is rejected because of its {field}"))
def _(lender: Lender, batch_state: BatchState, row: int, field: str) -> None:
    errors = lender.batch_lines(batch_state.batch, "errors")
    assert [(error["row"], error["field"]) for error in errors] == [(str(row), field)]
