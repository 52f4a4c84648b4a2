"""Steps: final outcomes and override figures."""

from datetime import UTC, datetime, time

import pytest
from pytest_bdd import given, parsers, then

from acceptance.case_steps import Desk
from acceptance.lender import Lender
from acceptance.resolution_steps import REFERRED, decide
from domain.access.user import Actor, PermissionDenied, Role

BROKER = Actor("LoanFinder", Role.SERVICE)
RITA = Actor("Rita", Role.RISK_MANAGER)
_FINALLY = {"undecided": "undecided", "finally approved": "approved"}
_OFFICER = r"(?P<officer>Uma|Udo)"
_COUNTS = (
    r"(?P<agreed>\d) agreed, (?P<low>\d) low-side, (?P<high>\d) high-side "
    r"and (?P<exceptions>\d) policy exceptions?"
)


def today() -> datetime:
    return datetime.combine(datetime.now(UTC), time(), UTC)


@given(parsers.parse("{applicant}, for whom the broker LoanFinder applied, was referred because of his score"))
def _(lender: Lender, desk: Desk, applicant: str) -> None:
    answer = lender.apply(REFERRED, by=BROKER)
    assert answer is not None
    desk.cases[applicant] = answer.decision_id


@given(parsers.re(r"(?P<who>Uma|Udo) (?P<verb>declines|approves) the loan of (?P<applicant>\w+)"))
def _(desk: Desk, who: str, verb: str, applicant: str) -> None:
    decide(desk, who, applicant, "declined" if verb == "declines" else "approved")
    assert not desk.state.refusal


@then(parsers.parse("{applicant} has no final outcome"))
def _(lender: Lender, desk: Desk, applicant: str) -> None:
    assert lender.final_outcome(desk.cases[applicant], by=RITA).outcome is None


@then(parsers.parse('the final outcome of {applicant} is "{final}", and the system\'s is "{system}"'))
def _(lender: Lender, desk: Desk, applicant: str, final: str, system: str) -> None:
    found = lender.final_outcome(desk.cases[applicant], by=RITA)
    assert (found.outcome, found.of_system) == (final, system)


@then(parsers.re(r"the decisions that are (?P<which>undecided|finally approved) are those of (?P<names>[\w ]+)"))
def _(lender: Lender, desk: Desk, which: str, names: str) -> None:
    expected = {desk.cases[name] for name in names.split(" and ")}
    assert lender.decisions_with(_FINALLY[which], by=RITA) == expected


@then(
    parsers.parse(
        "today's final outcomes are {approved:d} approved, {offers:d} counter-offers, {declined:d} declined "
        "and {undecided:d} undecided"
    )
)
def _(lender: Lender, approved: int, offers: int, declined: int, undecided: int) -> None:
    assert lender.final_outcomes(today(), by=RITA) == (approved, offers, declined, undecided)


@then(parsers.parse("a risk manager sees that {who} decided on {applicant}"))
def _(lender: Lender, desk: Desk, who: str, applicant: str) -> None:
    assert lender.final_outcome(desk.cases[applicant], by=RITA).maker == who


@then(parsers.parse('LoanFinder sees the outcome "{outcome}" of {applicant}, and no names'))
def _(lender: Lender, desk: Desk, outcome: str, applicant: str) -> None:
    found = lender.final_outcome(desk.cases[applicant], by=BROKER)
    assert (found.outcome, found.maker) == (outcome, None)


@then(parsers.re(rf"today's overrides are {_COUNTS}"))
def _(lender: Lender, agreed: str, low: str, high: str, exceptions: str) -> None:
    found = lender.overrides(today(), by=RITA)
    assert found.counts == (int(agreed), int(low), int(high), int(exceptions))


@then(parsers.re(rf"today's overrides of {_OFFICER} are {_COUNTS}"))
def _(lender: Lender, officer: str, agreed: str, low: str, high: str, exceptions: str) -> None:  # noqa: PLR0917 - the words of the sentence
    found = lender.overrides(today(), by=RITA, officer=officer)
    assert found.counts == (int(agreed), int(low), int(high), int(exceptions))
    assert set(found.officers) == {officer}


@then(parsers.parse("{a:d} of {b:d} decision of {one} and {c:d} of {d:d} decision of {other} are overrides"))
def _(lender: Lender, a: int, b: int, one: str, c: int, d: int, other: str) -> None:  # noqa: PLR0917 - the words of the sentence
    assert lender.overrides(today(), by=RITA).officers == {one: (a, b), other: (c, d)}


@then(parsers.parse("{count:d} second approval was refused today"))
def _(lender: Lender, desk: Desk, count: int) -> None:
    assert not desk.state.refusal
    assert lender.overrides(today(), by=RITA).refused == count


@then(parsers.parse("{count:d} of {total:d} quality review disagreed"))
def _(lender: Lender, count: int, total: int) -> None:
    assert lender.overrides(today(), by=RITA).disagreed == (count, total)


@then("a risk manager, a senior underwriter, an auditor and compliance may read the overrides")
def _(lender: Lender) -> None:
    for role in (Role.RISK_MANAGER, Role.SENIOR_UNDERWRITER, Role.AUDITOR, Role.COMPLIANCE):
        assert lender.overrides(today(), by=Actor("Nina", role)).counts == (0, 0, 0, 0)


@then("a loan officer, an underwriter, an administrator and a service may not")
def _(lender: Lender) -> None:
    for role in (Role.LOAN_OFFICER, Role.UNDERWRITER, Role.ADMIN, Role.SERVICE):
        with pytest.raises(PermissionDenied):
            lender.overrides(today(), by=Actor("Nina", role))
