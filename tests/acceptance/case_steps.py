"""Steps: working referral cases."""

import asyncio
import csv
import io
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from application.use_cases.cases.follow_up_cases import ExpireUnansweredCases, RecordPassedDueTimes
from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME
from domain.products.personal_loan import PERSONAL_LOAN

PEOPLE = {
    "Uma": Role.UNDERWRITER,
    "Udo": Role.UNDERWRITER,
    "Sara": Role.SENIOR_UNDERWRITER,
    "Sofia": Role.SENIOR_UNDERWRITER,
    "Olga": Role.LOAN_OFFICER,
}
REFERRED = dict(PERSONAL_LOAN.example) | {"revol_util": 82.0}
_PORTAL = Actor("portal", Role.SERVICE)
_SYSTEM = Actor(SERVICE_NAME, Role.AUDITOR)
_WHO = r"(the senior underwriter )?(?P<who>\w+)"
_CASE = r"the case of (?P<applicant>\w+)"


@dataclass
class Desk:
    """The cases of a lender by the applicant, what was taken last, and the versions that people have read."""

    lender: Lender
    state: ScenarioState
    cases: dict[str, UUID] = field(default_factory=dict)
    decisions: dict[str, UUID] = field(default_factory=dict)
    taken: UUID | None = None
    seen: dict[str, int] = field(default_factory=dict)

    def work(self, verb: str, applicant: str, who: str, text: str = "", seen: int | None = None) -> str:
        """Do this to the applicant's case; why it was refused is in the scenario's state too."""
        refusal = self.lender.work_case(verb, self.cases[applicant], by=person(who), text=text, seen=seen)
        self.state.refusal = refusal
        return refusal


@pytest.fixture
def desk(lender: Lender, state: ScenarioState) -> Desk:
    return Desk(lender, state)


def person(name: str) -> Actor:
    return Actor(name, PEOPLE[name])


@given("Anna was referred at nine o'clock, and Boris an hour later")
def _(lender: Lender, desk: Desk) -> None:
    for name, role in PEOPLE.items():
        lender.add_user(name, role, "correct horse battery staple")
    for applicant in ("Anna", "Boris"):
        answer = lender.apply(REFERRED)
        assert answer is not None
        assert answer.outcome == "referred"
        desk.cases[applicant] = answer.decision_id
        lender.clock.offset += timedelta(hours=1)


@when(parsers.re(rf'{_WHO} takes the next case( with the key "(?P<key>\w+)")?'))
def _(lender: Lender, desk: Desk, who: str, key: str | None) -> None:
    desk.taken = lender.take_next_case(by=person(who), key=key)


@then(parsers.re(rf"{_WHO} has {_CASE}"))
def _(lender: Lender, desk: Desk, who: str, applicant: str) -> None:
    assert desk.taken == desk.cases[applicant]
    assert (lender.case(desk.taken).assignee, lender.case(desk.taken).state) == (who, "assigned")


@then("no case waits")
def _(desk: Desk) -> None:
    assert desk.taken is None


@given(parsers.re(rf"{_WHO} has claimed {_CASE}"))
def _(desk: Desk, who: str, applicant: str) -> None:
    assert not desk.work("claim", applicant, who)


@given(parsers.re(rf"{_WHO} has read {_CASE}"))
@when(parsers.re(rf"{_WHO} reads {_CASE}"))
def _(lender: Lender, desk: Desk, who: str, applicant: str) -> None:
    desk.seen[who] = lender.case(desk.cases[applicant]).version


@when(parsers.re(rf"{_WHO} (?P<verb>claim|release)s {_CASE}"))
def _(desk: Desk, who: str, verb: str, applicant: str) -> None:
    desk.work(verb, applicant, who)


@when(parsers.re(rf"{_WHO} claims {_CASE} as he has read it"))
def _(desk: Desk, who: str, applicant: str) -> None:
    desk.work("claim", applicant, who, seen=desk.seen[who])


@when(parsers.re(rf'{_WHO} notes "(?P<text>.+)" on {_CASE}'))
def _(desk: Desk, who: str, text: str, applicant: str) -> None:
    desk.work("note", applicant, who, text=text)


@when(parsers.re(rf'{_WHO} notes "(?P<text>.+)" on {_CASE} as he has read it'))
def _(desk: Desk, who: str, text: str, applicant: str) -> None:
    assert not desk.work("note", applicant, who, text=text, seen=desk.seen[who])


@when(parsers.re(rf'{_WHO} asks for "(?P<text>.+)" in {_CASE}'))
def _(desk: Desk, who: str, text: str, applicant: str) -> None:
    assert not desk.work("ask", applicant, who, text=text)


@when(parsers.re(rf'{_WHO} records the answer "(?P<text>.+)" in {_CASE}'))
def _(desk: Desk, who: str, text: str, applicant: str) -> None:
    assert not desk.work("answer", applicant, who, text=text)


@when(parsers.re(rf"{_WHO} gives {_CASE} to (?P<to>\w+)"))
def _(desk: Desk, who: str, applicant: str, to: str) -> None:
    desk.work("reassign", applicant, who, text=to)


@when(parsers.re(rf"{_WHO} keeps {_CASE} open on the screen"))
def _(desk: Desk, who: str, applicant: str) -> None:
    assert not desk.work("renew", applicant, who)


@when(parsers.re(r"(?P<number>\d+) (?P<unit>minutes|hours|days) go by"))
def _(lender: Lender, number: str, unit: str) -> None:
    lender.clock.offset += timedelta(**{unit: int(number)})


@when("due times are checked")
def _(lender: Lender) -> None:
    changes = lender.use_cases.cases.claim.changes
    asyncio.run(RecordPassedDueTimes(changes)(by=_SYSTEM))
    asyncio.run(ExpireUnansweredCases(changes)(by=_SYSTEM))


@then(parsers.re(rf"{_CASE} is (?P<expected>open|assigned|expired|awaiting the applicant)"))
def _(lender: Lender, desk: Desk, applicant: str, expected: str) -> None:
    assert lender.case(desk.cases[applicant]).state == expected.replace("the ", "").replace(" ", "_")


@then(parsers.re(rf"{_CASE} is assigned to (?P<to>\w+)"))
def _(lender: Lender, desk: Desk, applicant: str, to: str) -> None:
    found = lender.case(desk.cases[applicant])
    assert (found.state, found.assignee) == ("assigned", to)


@then(parsers.re(rf"{_CASE} is due (?P<hours>\d+) hours after the decision"))
def _(lender: Lender, desk: Desk, applicant: str, hours: str) -> None:
    found = lender.case(desk.cases[applicant])
    assert round((found.due_at - found.opened_at) / timedelta(hours=1), 2) == int(hours)


@then(parsers.re(r"the due time of (?P<applicant>\w+) has (?P<negation>not )?passed"))
def _(lender: Lender, desk: Desk, applicant: str, negation: str | None) -> None:
    assert lender.case(desk.cases[applicant]).breached is (negation is None)


@then(parsers.parse("the audit trail states {count:d} passed due time"))
def _(lender: Lender, desk: Desk, count: int) -> None:
    passed = lender.trail_entries("case due time passed")
    assert passed == [SERVICE_NAME] * count


@then(parsers.re(rf'{_WHO} reads the note "(?P<text>.+)" of (?P<author>\w+) on {_CASE}'))
def _(lender: Lender, desk: Desk, text: str, author: str, applicant: str) -> None:
    assert (author, text) in lender.case(desk.cases[applicant]).notes


@then(parsers.parse("Olga sees the cases of Anna and Boris in this order"))
def _(lender: Lender, desk: Desk) -> None:
    assert lender.case_queue(by=OFFICER) == [desk.cases["Anna"], desk.cases["Boris"]]


@then(parsers.parse("{count:d} cases wait"))
def _(lender: Lender, count: int) -> None:
    assert len(lender.case_queue(by=OFFICER)) == count


@given("a file with the applications of Anna and Boris", target_fixture="referred_file")
def _() -> bytes:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(REFERRED))
    writer.writeheader()
    writer.writerows([REFERRED, REFERRED])
    return lines.getvalue().encode()


@when(parsers.re(r"the broker portal uploads the file(?P<trial> as a trial run)?, and it is decided"))
def _(lender: Lender, referred_file: bytes, trial: str | None) -> None:
    assert lender.upload_batch(referred_file, by=_PORTAL, trial=trial is not None) is not None
    lender.process_batches()
