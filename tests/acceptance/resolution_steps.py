"""Steps: resolving referral cases, second persons, reviews, own views and quality reviews."""

import asyncio
from dataclasses import replace
from typing import Any

from pytest_bdd import given, parsers, then, when

from acceptance.case_steps import PEOPLE, Desk, person
from acceptance.lender import Lender
from acceptance.policy_steps import RITA
from domain.access.user import Actor, Role
from domain.policies.authority import ANY_GRADE, AuthorityLimit
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN

REFERRED = dict(PERSONAL_LOAN.example) | {"revol_util": 60.0}
"""By its score, at which a smaller amount passes."""
PASSING = dict(PERSONAL_LOAN.example) | {"bureau_status": "frozen"}
DECLINED = REFERRED | {"revol_util": 82.0, "fico_range_low": 665}
_REASONS = {"approved": "BUREAU_DATA_VERIFIED", "counter_offer": "AFFORDABLE_AT_OTHER_TERMS", "declined": "OTHER"}
_OVERRIDES = {
    "in agreement with the system": "agreed",
    "a low-side override": "low_side",
    "a high-side override": "high_side",
    "a policy exception": "policy_exception",
}
_WHO = r"(?P<who>Uma|Udo|Sara|Sofia)"
_APPLICANT = r"(?P<applicant>\w+)"


def apply(lender: Lender, desk: Desk, applicant: str, form: dict[str, Any], outcome: str = "referred") -> None:
    for name, role in PEOPLE.items():
        if asyncio.run(lender.users.find(name)) is None:
            lender.add_user(name, role, "correct horse battery staple")
    answer = lender.apply(form)
    assert answer is not None
    assert answer.outcome == outcome
    desk.cases[applicant] = answer.decision_id


def decide(desk: Desk, who: str, applicant: str, outcome: str, **values: Any) -> None:
    body = {"outcome": outcome, "reason": _REASONS[outcome], "text": "Seen.", **values}
    act(desk, "resolution", who, applicant, body)


def act(desk: Desk, path: str, who: str, applicant: str, body: dict[str, Any]) -> None:
    by = person(who) if who in PEOPLE else Actor("Pia", Role(who))
    desk.state.refusal = desk.lender.decide_case(path, desk.cases[applicant], body, by=by)


def put_in_force(lender: Lender, **terms: Any) -> None:
    review_terms = replace(POLICY_3.review_terms, **terms)
    lender.activate_policy(replace(POLICY_3, version="4", review_terms=review_terms), by=RITA)


@given("Anna was referred because of her score")
def _(lender: Lender, desk: Desk) -> None:
    apply(lender, desk, "Anna", REFERRED)


@given("Boris, whose score passes, was referred because his credit bureau file is frozen")
def _(lender: Lender, desk: Desk) -> None:
    apply(lender, desk, "Boris", PASSING)


@given("Dora was declined because of her score")
def _(lender: Lender, desk: Desk) -> None:
    apply(lender, desk, "Dora", DECLINED, "declined")


@given("the policy asks underwriters for their own view, and refers Carla")
def _(lender: Lender, desk: Desk) -> None:
    put_in_force(lender, blind=True)
    apply(lender, desk, "Carla", REFERRED)


@given("the policy has every case reviewed, and refers Carla")
def _(lender: Lender, desk: Desk) -> None:
    put_in_force(lender, quality_share=1.0)
    apply(lender, desk, "Carla", REFERRED)


@given(
    parsers.re(
        r"underwriters may decide up to \$(?P<first>[\d,]+) and senior underwriters up to \$(?P<second>[\d,]+), "
        r"and Carla is referred although her score passes"
    )
)
def _(lender: Lender, desk: Desk, first: str, second: str) -> None:
    limits = ((Role.UNDERWRITER, first), (Role.SENIOR_UNDERWRITER, second))
    authority = tuple(AuthorityLimit(role, ANY_GRADE, float(up_to.replace(",", ""))) for role, up_to in limits)
    put_in_force(lender, authority=authority)
    apply(lender, desk, "Carla", PASSING)


@when(parsers.re(rf"{_WHO} approves the loan of {_APPLICANT}"))
def _(desk: Desk, who: str, applicant: str) -> None:
    decide(desk, who, applicant, "approved")


@when(parsers.re(rf'{_WHO} approves the loan of {_APPLICANT} if he sends "(?P<first>.+)" and "(?P<second>.+)"'))
def _(desk: Desk, who: str, applicant: str, first: str, second: str) -> None:
    decide(desk, who, applicant, "approved", conditions=[first, second])


@when(parsers.re(rf"(the )?(?P<who>[\w ]+) declines the loan of {_APPLICANT}"))
def _(desk: Desk, who: str, applicant: str) -> None:
    decide(desk, who, applicant, "declined")


@when(parsers.re(rf'{_WHO} declines the loan of {_APPLICANT} because "(?P<reason>\w+)"'))
def _(desk: Desk, who: str, applicant: str, reason: str) -> None:
    decide(desk, who, applicant, "declined", reason=reason)


@when(parsers.re(rf"{_WHO} offers {_APPLICANT} \$(?P<amount>[\d,]+) over (?P<term>\d+) months"))
def _(desk: Desk, who: str, applicant: str, amount: str, term: str) -> None:
    decide(desk, who, applicant, "counter_offer", amount=float(amount.replace(",", "")), term=int(term))


@when(parsers.re(rf"{_WHO} offers {_APPLICANT} the largest loan that the policy approves"))
def _(lender: Lender, desk: Desk, who: str, applicant: str) -> None:
    offers = lender.case_decisions(desk.cases[applicant], by=person(who)).counter_offers
    amount, term = max(offers)
    decide(desk, who, applicant, "counter_offer", amount=amount, term=term)


@then(parsers.re(rf"the policy would approve the loan that {_APPLICANT} is offered"))
def _(lender: Lender, desk: Desk, applicant: str) -> None:
    offered = lender.case_decisions(desk.cases[applicant], by=person("Olga"))
    again = lender.apply(REFERRED | {"loan_amnt": offered.amount, "term": f"{offered.term} months"})
    assert again is not None
    assert again.outcome == "approved"


@given(parsers.re(rf"{_WHO} has proposed to approve the loan of {_APPLICANT}"))
def _(desk: Desk, who: str, applicant: str) -> None:
    assert not desk.work("claim", applicant, who)
    decide(desk, who, applicant, "approved")
    assert not desk.state.refusal


@given(parsers.re(rf"{_WHO} has refused the proposal for {_APPLICANT}"))
def _(desk: Desk, who: str, applicant: str) -> None:
    assert not desk.work("claim", applicant, who)
    act(desk, "second-approval", who, applicant, {"approve": False, "text": "No."})
    assert not desk.state.refusal


@when(parsers.re(rf"{_WHO} agrees with the proposal for {_APPLICANT}"))
def _(desk: Desk, who: str, applicant: str) -> None:
    act(desk, "second-approval", who, applicant, {"approve": True, "text": "Agreed."})


@when(parsers.re(rf'{_WHO} refuses the proposal for {_APPLICANT} because "(?P<text>.+)"'))
def _(desk: Desk, who: str, applicant: str, text: str) -> None:
    act(desk, "second-approval", who, applicant, {"approve": False, "text": text})


@when(parsers.re(rf'{_WHO} opens a review of {_APPLICANT} because "(?P<reason>.+)"'))
def _(lender: Lender, desk: Desk, who: str, applicant: str, reason: str) -> None:
    decision_id = desk.decisions.setdefault(applicant, desk.cases[applicant])
    case_id, desk.state.refusal = lender.open_review(decision_id, reason, by=person(who))
    desk.cases[applicant] = case_id or desk.cases[applicant]


@when(parsers.re(rf"{_WHO} records that condition (?P<number>\d) of {_APPLICANT} is met"))
def _(desk: Desk, who: str, number: str, applicant: str) -> None:
    act(desk, f"conditions/{number}", who, applicant, {"state": "met"})
    assert not desk.state.refusal


@when(
    parsers.re(
        rf'{_WHO} waives condition (?P<number>\d) of {_APPLICANT} (without a reason|because "(?P<reason>.+)")'
    )
)
def _(desk: Desk, who: str, number: str, applicant: str, reason: str | None) -> None:
    act(desk, f"conditions/{number}", who, applicant, {"state": "waived", "reason": reason or ""})


@when(parsers.re(rf"{_WHO} enters the own view that {_APPLICANT} should be (?P<outcome>approved|declined)"))
def _(desk: Desk, who: str, applicant: str, outcome: str) -> None:
    act(desk, "own-view", who, applicant, {"outcome": outcome, "text": "Stable income."})
    assert not desk.state.refusal


@when(parsers.re(rf"{_WHO} reviews the quality of the case of {_APPLICANT} and would approve"))
def _(desk: Desk, who: str, applicant: str) -> None:
    act(desk, "quality-review", who, applicant, {"outcome": "approved", "text": "Stable income."})


@then(parsers.re(rf"{_WHO} (?P<sees>sees|does not see) the score of {_APPLICANT}"))
def _(lender: Lender, desk: Desk, who: str, sees: str, applicant: str) -> None:
    assert lender.case_decisions(desk.cases[applicant], by=person(who)).score_shown is (sees == "sees")


@then(parsers.re(rf"the decision on {_APPLICANT} is (?P<shown>not )?withheld from {_WHO}"))
def _(lender: Lender, desk: Desk, who: str, shown: str | None, applicant: str) -> None:
    referred = desk.cases[applicant]  # the case has the identifier of the referred decision
    assert lender.decision_withheld(referred, by=person(who)) is not bool(shown)


@then(parsers.re(rf"the queue does not tell {_WHO} the grade of {_APPLICANT}"))
def _(lender: Lender, desk: Desk, who: str, applicant: str) -> None:
    assert lender.queued_grades(by=person(who))[desk.cases[applicant]] == ""
    assert lender.queued_grades(by=person("Olga"))[desk.cases[applicant]]


@then(parsers.re(rf"the case of {_APPLICANT} (?P<state>is resolved|waits for a second person)"))
def _(lender: Lender, desk: Desk, applicant: str, state: str) -> None:
    assert not desk.state.refusal
    expected = "resolved" if state == "is resolved" else "awaiting_second_approval"
    assert lender.case(desk.cases[applicant]).state == expected


@then(
    parsers.re(
        rf"{_WHO} (alone|with (?P<second>\w+)) (?P<done>approved|declined|made) {_APPLICANT}"
        r"( a counter-offer)?, which is (?P<kind>.+)"
    )
)
def _(  # noqa: PLR0917 - the words of the sentence
    lender: Lender, desk: Desk, who: str, second: str | None, done: str, applicant: str, kind: str
) -> None:
    decided = lender.case_decisions(desk.cases[applicant], by=person("Olga"))
    outcome = "counter_offer" if done == "made" else done
    assert (decided.outcome, decided.maker, decided.checker) == (outcome, who, second)
    assert decided.override == _OVERRIDES[kind]


@then(
    parsers.re(rf"{_WHO} learns beforehand that approving {_APPLICANT} needs a second person because of the score")
)
def _(lender: Lender, desk: Desk, who: str, applicant: str) -> None:
    assert lender.case_decisions(desk.cases[applicant], by=person(who)).approving_needs == ("low_side_override",)


@then(parsers.re(rf"the conditions of {_APPLICANT} are met and waived"))
def _(lender: Lender, desk: Desk, applicant: str) -> None:
    assert not desk.state.refusal
    assert lender.case_decisions(desk.cases[applicant], by=person("Olga")).conditions == ("met", "waived")


@then(parsers.re(rf"the disagreement of (?P<reviewer>\w+) with (?P<maker>\w+) on {_APPLICANT} is listed"))
def _(lender: Lender, desk: Desk, reviewer: str, maker: str, applicant: str) -> None:
    assert not desk.state.refusal
    assert lender.disagreements(by=person("Olga")) == [(desk.cases[applicant], maker, reviewer)]


@then(parsers.parse("the audit trail states {count:d} final decision"))
def _(lender: Lender, count: int) -> None:
    assert len(lender.trail_entries("final decision recorded")) == count
    assert lender.verify().violations == ()
