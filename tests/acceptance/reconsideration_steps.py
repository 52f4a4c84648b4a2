"""Steps: what applicants see by a link, what they ask for, and how people answer."""

from datetime import timedelta

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.case_steps import PEOPLE, Desk, person
from acceptance.lender import Lender
from acceptance.resolution_steps import act, apply, decide
from domain.access.user import Actor, Role
from domain.products.personal_loan import PERSONAL_LOAN

ABOVE_HALF_A_YEARS_INCOME = dict(PERSONAL_LOAN.example) | {
    "annual_inc": 20_000,
    "loan_amnt": 12_000,
    "revol_util": 20.0,
    "fico_range_low": 760,
    "fico_range_high": 764,
    "inq_last_6mths": 0,
    "delinq_2yrs": 0,
    "pub_rec": 0,
}
NOT_VALID = "This link is not valid"


class Applicant:
    """Dora with her link, and why her last request was refused."""

    token = ""
    refusal = ""
    sent = 0

    def ask(self, lender: Lender, kind: str, text: str = "", form: str = "", **stated: str) -> None:
        self.sent += 1
        self.refusal = lender.ask_by_link(self.token, kind, stated, text, form or f"form{self.sent}")


@pytest.fixture
def applicant() -> Applicant:
    return Applicant()


@given("Dora, whose loan is above half a year's income, was declined")
def _(lender: Lender, desk: Desk) -> None:
    apply(lender, desk, "Dora", ABOVE_HALF_A_YEARS_INCOME, "declined")
    desk.decisions["Dora"] = desk.cases["Dora"]


@given("the loan officer Olga has given Dora a link")
def _(lender: Lender, desk: Desk, applicant: Applicant) -> None:
    applicant.token = lender.make_applicant_link(desk.decisions["Dora"], by=Actor("olga", Role.LOAN_OFFICER))


@given("Dora has asked for a person, and Uma has declined the loan")
def _(lender: Lender, desk: Desk, applicant: Applicant) -> None:
    applicant.ask(lender, "human_review")
    claim(lender, desk, "Uma")
    decide(desk, "Uma", "Dora", "declined")


@when(parsers.parse('Dora states that her income is "{income}"'))
def _(lender: Lender, applicant: Applicant, income: str) -> None:
    applicant.ask(lender, "correction", annual_inc=income)


@when(parsers.parse('Dora states that her credit score is "{score}"'))
def _(lender: Lender, applicant: Applicant, score: str) -> None:
    applicant.ask(lender, "correction", fico_range_low=score)


@when(parsers.parse('Dora asks for a person and writes "{text}"'))
def _(lender: Lender, applicant: Applicant, text: str) -> None:
    applicant.ask(lender, "human_review", text)


@when(parsers.parse('Dora asks for a correction and writes "{text}"'))
def _(lender: Lender, applicant: Applicant, text: str) -> None:
    applicant.ask(lender, "correction", text)


@when("Dora sends the same request twice")
def _(lender: Lender, applicant: Applicant) -> None:
    for _ in range(2):
        applicant.ask(lender, "human_review", "Please.", form="once")
        assert not applicant.refusal


@when("Uma claims the case and accepts the correction")
def _(lender: Lender, desk: Desk) -> None:
    claim(lender, desk, "Uma")
    desk.state.refusal = lender.accept_correction(desk.decisions["Dora"], by=person("Uma"))


@when("Uma accepts the correction")
def _(lender: Lender, desk: Desk) -> None:
    desk.state.refusal = lender.accept_correction(desk.decisions["Dora"], by=person("Uma"))


@when(parsers.re(r"Uma claims the case and (?P<verb>declines|approves) the loan"))
def _(lender: Lender, desk: Desk, verb: str) -> None:
    claim(lender, desk, "Uma")
    decide(desk, "Uma", "Dora", {"declines": "declined", "approves": "approved"}[verb])
    assert not desk.state.refusal


@when("Sara claims the case and agrees")
def _(lender: Lender, desk: Desk) -> None:
    claim(lender, desk, "Sara")
    act(desk, "second-approval", "Sara", "Dora", {"approve": True, "text": "Seen."})
    assert not desk.state.refusal


@when("the loan officer Olga revokes the links of Dora")
def _(lender: Lender, desk: Desk) -> None:
    lender.revoke_applicant_links(desk.decisions["Dora"], by=Actor("olga", Role.LOAN_OFFICER))


@when(parsers.parse("{days:d} days pass for Dora"))
def _(lender: Lender, days: int) -> None:
    lender.clock.offset += timedelta(days=days)


@then(parsers.parse('Dora reads "{text}"'))
def _(lender: Lender, applicant: Applicant, text: str) -> None:
    assert text in lender.applicant_page(applicant.token)


@then(parsers.parse('Dora does not read "{text}"'))
def _(lender: Lender, applicant: Applicant, text: str) -> None:
    assert text not in lender.applicant_page(applicant.token)


@then("Dora does not read the name of anyone who works for the lender")
def _(lender: Lender, applicant: Applicant) -> None:
    words = set(lender.applicant_page(applicant.token).replace(".", " ").split())
    assert words.isdisjoint({*PEOPLE, *map(str.lower, PEOPLE)})


@then(parsers.parse('with one character of the link changed, Dora reads "{text}"'))
def _(lender: Lender, applicant: Applicant, text: str) -> None:
    for place in range(0, len(applicant.token), 7):
        other = "A" if applicant.token[place] != "A" else "B"
        changed = applicant.token[:place] + other + applicant.token[place + 1 :]
        assert text in lender.applicant_page(changed)


@then("the case shows Uma that Dora asks for a correction")
def _(lender: Lender, desk: Desk) -> None:
    (request,) = lender.reconsiderations(desk.decisions["Dora"], by=person("Uma"))
    assert (request.kind, request.state) == ("correction", "open")
    assert lender.case(request.case_id).state == "open"


@then(parsers.re(r"the request of Dora is (?P<state>upheld|overturned) by (?P<who>\w+)"))
def _(lender: Lender, desk: Desk, state: str, who: str) -> None:
    lender.answer_requests()
    (request,) = lender.reconsiderations(desk.decisions["Dora"], by=person("Uma"))
    assert (request.state, request.answered_by) == (state, who)


@then("the request of Dora is open")
def _(lender: Lender, desk: Desk) -> None:
    lender.answer_requests()
    (request,) = lender.reconsiderations(desk.decisions["Dora"], by=person("Uma"))
    assert request.state == "open"


@then("Dora has asked once")
def _(lender: Lender, desk: Desk) -> None:
    assert len(lender.reconsiderations(desk.decisions["Dora"], by=person("Uma"))) == 1


@then(parsers.parse('Dora is refused because "{why}"'))
def _(applicant: Applicant, why: str) -> None:
    assert why in applicant.refusal


def claim(lender: Lender, desk: Desk, who: str) -> None:
    """Claim the case of Dora's last request."""
    (request, *_) = lender.reconsiderations(desk.decisions["Dora"], by=person("Uma"))
    desk.cases["Dora"] = request.case_id
    assert not desk.work("claim", "Dora", who)
