"""Steps: what became of loans."""

from datetime import date
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.answers import ImportAnswer, LoanAnswer
from acceptance.application_life_steps import application_id
from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role

_HEADER = "application_reference,loan_status,last_pymnt_d,issue_d\n"
_ROLES = {"risk manager": Role.RISK_MANAGER, "loan officer": Role.LOAN_OFFICER}


class Reports:
    """The rows of a file, what its import did, and the last day that was reported."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.imported: ImportAnswer | None = None
        self.booked_on = self.as_of = date(1970, 1, 1)

    @property
    def answer(self) -> ImportAnswer:
        assert self.imported is not None
        return self.imported


@pytest.fixture
def reports() -> Reports:
    return Reports()


def _loan(lender: Lender, state: ScenarioState) -> LoanAnswer:
    return lender.loan(application_id(state), by=OFFICER)


@given(parsers.re(r'(?P<name>\w+) has applied with the reference "(?P<reference>[^"]+)"'))
def _(lender: Lender, state: ScenarioState, name: str, reference: str) -> None:
    state.person = name
    state.responses.append(lender.apply(state.form | {"application_reference": reference}))


@given(parsers.re(r"the offer of \$10,000 is accepted"))
def _(lender: Lender, state: ScenarioState) -> None:
    assert not lender.accept(application_id(state), None, by=OFFICER)


@given(
    parsers.re(r"(a file|it) says that (?P<key>\S+), booked on (?P<booked>\S+), was (?P<word>.+) on (?P<day>\S+)")
)
def _(reports: Reports, key: str, booked: str, word: str, day: str) -> None:
    reports.rows.append(f"{key},{word},{day},{booked}\n")


@when(
    parsers.re(
        r"the (?P<role>risk manager|loan officer) (?P<name>\w+) reports that (her|his) loan, "
        r"booked on (?P<booked>\S+), was (?P<status>\w+) on (?P<day>\S+)"
    )
)
def _(  # noqa: PLR0917 - the parts of the sentence
    lender: Lender,
    state: ScenarioState,
    reports: Reports,
    role: str,
    name: str,
    booked: str,
    status: str,
    day: str,
) -> None:
    reports.booked_on, reports.as_of = date.fromisoformat(booked), date.fromisoformat(day)
    by, report = Actor(name, _ROLES[role]), (status, reports.as_of, reports.booked_on)
    state.refusal = lender.report_loan(application_id(state), *report, by=by)


@when(parsers.re(r'the risk manager (?P<name>\w+) corrects this to (?P<status>\w+) because "(?P<reason>[^"]*)"'))
def _(  # noqa: PLR0917 - the parts of the sentence
    lender: Lender, state: ScenarioState, reports: Reports, name: str, status: str, reason: str
) -> None:
    wrong: UUID = _loan(lender, state).outcome_ids[-1]
    by, report = Actor(name, Role.RISK_MANAGER), (status, reports.as_of, reports.booked_on)
    state.refusal = lender.report_loan(application_id(state), *report, by=by, corrects=wrong, reason=reason)


@when(parsers.re(r"the risk manager (?P<name>\w+) imports the file"))
def _(lender: Lender, reports: Reports, name: str) -> None:
    content = (_HEADER + "".join(reports.rows)).encode()
    reports.imported = lender.import_outcomes(content, by=Actor(name, Role.RISK_MANAGER))


@then(parsers.re(r"(her|his) loan is (?P<status>performing|paid|charged_off)"))
def _(lender: Lender, state: ScenarioState, status: str) -> None:
    assert _loan(lender, state).status == status


@then("it is not known yet whether it defaults")
def _(lender: Lender, state: ScenarioState) -> None:
    assert _loan(lender, state).default is None


@then("it did not default")
def _(lender: Lender, state: ScenarioState) -> None:
    assert _loan(lender, state).default is False


@then("it defaulted")
def _(lender: Lender, state: ScenarioState) -> None:
    assert _loan(lender, state).default is True


@then(parsers.re(r"the history of her loan has (?P<count>\d+) reports?"))
def _(lender: Lender, state: ScenarioState, count: str) -> None:
    assert len(_loan(lender, state).outcome_ids) == int(count)


@then(parsers.re(r"the audit trail states that (?P<name>\w+) reported it"))
def _(lender: Lender, name: str) -> None:
    assert lender.trail_entries("loan outcome recorded") == [name]


@then(
    parsers.re(
        r"(?P<recorded>\d+) rows? (is|are) recorded, (?P<repeated>\d+) (was|were) recorded before, "
        r"and (?P<refused>\d+) (is|are) refused"
    )
)
def _(reports: Reports, recorded: str, repeated: str, refused: str) -> None:
    done = reports.answer
    assert (done.recorded, done.repeated, done.refused) == (int(recorded), int(repeated), int(refused))


@then(parsers.re(r'row (?P<row>\d+) is refused because "(?P<why>[^"]+)"'))
def _(reports: Reports, row: str, why: str) -> None:
    assert why in reports.answer.errors[int(row)]
