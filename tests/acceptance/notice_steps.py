"""Steps: notices that are due, and what is done with them."""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.answers import NoticeAnswer
from acceptance.case_steps import Desk, person
from acceptance.lender import OFFICER, Lender
from acceptance.resolution_steps import DECLINED
from acceptance.scenario_state import ScenarioState
from application.ports.notices.notices import LetterFormat
from domain.access.user import Actor, Role
from domain.products.personal_loan import PERSONAL_LOAN
from support.memory.notices import MemoryNotices

_KIND = r"(?P<kind>an adverse action notice|a counter-offer|a notice of incompleteness)"
_KINDS = {
    "an adverse action notice": "adverse_action",
    "a counter-offer": "counter_offer",
    "a notice of incompleteness": "incomplete",
}
_TO = r"to (?P<applicant>\w+)"


def broker(name: str) -> Actor:
    return Actor(name, Role.SERVICE)


@dataclass
class Notices:
    """The notices of applicants."""

    lender: Lender
    desk: Desk
    seen: dict[str, NoticeAnswer] = field(default_factory=dict)
    letters: dict[str, bytes] = field(default_factory=dict)

    def application(self, applicant: str) -> UUID:
        return self.desk.decisions.get(applicant, self.desk.cases[applicant])

    def all(self, applicant: str, by: Actor | None = None) -> list[NoticeAnswer]:
        """In the order in which they became due; the first is remembered as it was read first."""
        found = self.lender.notices_of(self.application(applicant), by=by or person("Uma"))
        if found:
            self.seen.setdefault(applicant, found[0])
        return found

    def due(self, applicant: str) -> list[NoticeAnswer]:
        return [each for each in self.all(applicant) if each.state == "due"]

    def last(self, applicant: str) -> NoticeAnswer:
        return self.all(applicant)[-1]


@pytest.fixture
def notices(lender: Lender, desk: Desk) -> Notices:
    return Notices(lender, desk)


@given(parsers.re(r"the broker (?P<name>\w+) applied for (?P<applicant>\w+), who was declined"))
def _(lender: Lender, desk: Desk, name: str, applicant: str) -> None:
    answer = lender.apply(DECLINED, by=broker(name))
    assert answer is not None
    desk.cases[applicant] = answer.decision_id


@when(parsers.re(r"(?P<applicant>\w+) accepts the offer"))
def _(lender: Lender, notices: Notices, applicant: str) -> None:
    assert not lender.accept(notices.application(applicant), None, by=OFFICER)


@when(parsers.re(r"(?P<applicant>\w+) withdraws her application"))
def _(lender: Lender, notices: Notices, applicant: str) -> None:
    assert not lender.withdraw(notices.application(applicant), "no_longer_needed", by=OFFICER)


@when(
    parsers.re(r"the application of (?P<applicant>\w+) is corrected and (?P<outcome>approved|declined)( again)?")
)
def _(lender: Lender, notices: Notices, applicant: str, outcome: str) -> None:
    notices.all(applicant)
    superseded = {
        "supersedes": str(notices.application(applicant)),
        "supersedes_reason": "correction",
    }
    form = dict(PERSONAL_LOAN.example) if outcome == "approved" else DECLINED
    answer = lender.submit(form | superseded, OFFICER).answer
    assert answer is not None
    assert answer.outcome == outcome


@when(parsers.re(r"Sara overturns the decline of (?P<applicant>\w+) with Uma"))
def _(lender: Lender, desk: Desk, applicant: str) -> None:
    case = desk.cases[applicant]
    body = {"outcome": "approved", "reason": "BUREAU_DATA_VERIFIED", "text": "Income seen."}
    assert not lender.decide_case("resolution", case, body, by=person("Uma"))
    assert not lender.work_case("claim", case, by=person("Sara"))
    assert not lender.decide_case("second-approval", case, {"approve": True, "text": ""}, by=person("Sara"))


@when(parsers.re(rf"(?P<who>\w+) issues the notice {_TO}"))
def _(lender: Lender, notices: Notices, who: str, applicant: str) -> None:
    (due,) = notices.due(applicant)
    assert lender.issue_notice(due.notice_id, by=person(who), seen=due.version) == ""
    notices.letters[applicant] = lender.issued_letter(due.notice_id, by=person(who))


@when(parsers.re(rf"(?P<who>\w+) issues the notice {_TO} as Uma had read it"))
def _(lender: Lender, state: ScenarioState, notices: Notices, who: str, applicant: str) -> None:
    seen = notices.seen[applicant]
    state.refusal = lender.issue_notice(seen.notice_id, by=person(who), seen=seen.version)


@when(parsers.re(rf"(?P<who>\w+) records that the letter {_TO} was delivered by (?P<method>mail|email)"))
def _(lender: Lender, notices: Notices, who: str, applicant: str, method: str) -> None:
    assert lender.record_delivery(notices.last(applicant).notice_id, method, by=person(who)) == ""


@when(parsers.re(rf"(?P<who>\w+) records that the letter {_TO} came back"))
def _(lender: Lender, notices: Notices, who: str, applicant: str) -> None:
    assert lender.record_delivery(notices.last(applicant).notice_id, "mail", by=person(who), returned=True) == ""


@when(parsers.re(rf"an intruder alters the letter {_TO}"))
def _(lender: Lender, notices: Notices, applicant: str) -> None:
    stored = lender.use_cases.notices.list_notices.notices
    assert isinstance(stored, MemoryNotices)
    stored.letters[notices.last(applicant).notice_id, LetterFormat.PDF] += b" "


@then(parsers.re(rf"{_KIND} {_TO} is due in (?P<days>\d+) days"))
def _(lender: Lender, notices: Notices, kind: str, applicant: str, days: str) -> None:
    (due,) = notices.due(applicant)
    assert due.kind == _KINDS[kind]
    left = due.due_at - lender.clock.now()
    assert int(days) in {left.days, left.days + 1}
    assert not due.overdue


@then(parsers.re(rf"no notice {_TO} is due"))
def _(notices: Notices, applicant: str) -> None:
    assert notices.due(applicant) == []


@then(parsers.re(rf"the notice {_TO} is (?P<expected>overdue|issued|delivered)"))
def _(notices: Notices, applicant: str, expected: str) -> None:
    last = notices.last(applicant)
    assert last.overdue if expected == "overdue" else last.state == expected


@then(parsers.re(rf'the (?P<which>last|earlier) notice {_TO} is cancelled because "(?P<reason>\w+)"'))
def _(notices: Notices, which: str, applicant: str, reason: str) -> None:
    found = notices.all(applicant)[-1 if which == "last" else 0]
    assert (found.state, found.cancelled) == ("cancelled", reason)


@then(parsers.re(rf"the broker (?P<name>\w+) sees that a notice {_TO} is due"))
def _(notices: Notices, name: str, applicant: str) -> None:
    assert [each.state for each in notices.all(applicant, by=broker(name))] == ["due"]


@then(parsers.re(r"the broker (?P<name>\w+) sees no notice"))
def _(notices: Notices, name: str) -> None:
    assert notices.all("Boris", by=broker(name)) == []


@then(parsers.re(rf"the broker (?P<name>\w+) cannot issue the notice {_TO}"))
def _(lender: Lender, notices: Notices, name: str, applicant: str) -> None:
    refusal = lender.issue_notice(notices.last(applicant).notice_id, by=broker(name), seen=0)
    assert "may not issue notices to applicants" in refusal


@then(parsers.re(rf"the letter that was issued {_TO} states the reasons of her decision"))
def _(lender: Lender, notices: Notices, applicant: str) -> None:
    record = asyncio.run(lender.decisions.find(notices.application(applicant)))
    html = lender.issued_letter(notices.last(applicant).notice_id, by=OFFICER, form="html").decode()
    assert record is not None
    for reason in record.decision.reasons:
        assert reason.text.replace("'", "&#39;") in html


@then(parsers.re(rf"the letter that was issued {_TO} has the same bytes as before"))
def _(lender: Lender, notices: Notices, applicant: str) -> None:
    again = lender.issued_letter(notices.last(applicant).notice_id, by=OFFICER)
    assert again == notices.letters[applicant] != b""


@then("the audit trail states the digest of that letter")
def _(lender: Lender, notices: Notices) -> None:
    (letter,) = notices.letters.values()
    assert sha256(letter).hexdigest() in lender.trail_documents("notice issued")[0]


@then(parsers.re(rf"the letter {_TO} is refused as altered"))
def _(lender: Lender, notices: Notices, applicant: str) -> None:
    assert lender.issued_letter(notices.last(applicant).notice_id, by=OFFICER) == b""
