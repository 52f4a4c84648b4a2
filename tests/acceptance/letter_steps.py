"""Steps: what letters to applicants state."""

import asyncio
import re
from html import unescape

import pytest
from pytest_bdd import given, parsers, then

from acceptance.answers import LetterAnswer
from acceptance.case_steps import Desk, person
from acceptance.lender import Lender
from acceptance.resolution_steps import apply
from domain.decisions.decision_record import DecisionRecord
from domain.notices.letterhead import Letterhead
from domain.products.personal_loan import PERSONAL_LOAN
from support.letters import LETTERHEAD

_LETTER = r"the letter to (?P<applicant>\w+)"
_REASONS = re.compile(r"<h2>Principal reasons [^<]+</h2>\s*<ol>(.*?)</ol>", re.DOTALL)


class Letters:
    """The letters that are due, as an underwriter sees them before they are issued."""

    def __init__(self, lender: Lender, desk: Desk) -> None:
        self._lender, self._desk = lender, desk

    def answer(self, applicant: str) -> LetterAnswer:
        decision_id = self._desk.decisions.get(applicant, self._desk.cases[applicant])
        return self._lender.letter(decision_id, by=person("Uma"))

    def text(self, applicant: str) -> str:
        """The letter with single spaces."""
        answer = self.answer(applicant)
        assert answer.missing == ()
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.html)).split())

    def reasons(self, applicant: str) -> list[str]:
        return [
            unescape(reason)
            for listed in _REASONS.findall(self.answer(applicant).html)
            for reason in re.findall(r"<li>(.*?)</li>", listed)
        ]

    def record(self, applicant: str) -> DecisionRecord:
        decision_id = self._desk.decisions.get(applicant, self._desk.cases[applicant])
        record = asyncio.run(self._lender.decisions.find(decision_id))
        assert isinstance(record, DecisionRecord)
        return record

    def recorded_reasons(self, applicant: str) -> list[str]:
        return [reason.text for reason in self.record(applicant).decision.reasons]


@pytest.fixture
def letters(lender: Lender, desk: Desk) -> Letters:
    return Letters(lender, desk)


@given("Frida was approved")
def _(lender: Lender, desk: Desk) -> None:
    apply(lender, desk, "Frida", dict(PERSONAL_LOAN.example), "approved")


@given("the lender has set neither its own address nor that of the credit bureau")
def _(lender: Lender) -> None:
    lender.write_letters_with(Letterhead())


@then(parsers.re(rf"{_LETTER} gives the reasons of (his|her) decision, in their order"))
def _(letters: Letters, applicant: str) -> None:
    assert letters.reasons(applicant) == letters.recorded_reasons(applicant) != []


@then(parsers.re(rf'{_LETTER} gives "(?P<reason>[^"]+)" and the reasons of (his|her) decision'))
def _(letters: Letters, applicant: str, reason: str) -> None:
    assert letters.reasons(applicant) == [reason, *letters.recorded_reasons(applicant)][:4]


@then(parsers.re(rf'{_LETTER} gives "(?P<reason>[^"]+)" alone'))
def _(letters: Letters, applicant: str, reason: str) -> None:
    assert letters.reasons(applicant) == [reason]


@then(parsers.re(rf"{_LETTER} gives no reasons"))
def _(letters: Letters, applicant: str) -> None:
    assert letters.reasons(applicant) == []


@then(parsers.re(rf"{_LETTER} states the points of (his|her) decision, their range, and up to five key factors"))
def _(letters: Letters, applicant: str) -> None:
    text, points = letters.text(applicant), letters.record(applicant).decision.points
    assert f"Your credit score {points} Date of the score" in text
    assert "from a low of 351 to a high of 632" in text
    factors = letters.answer(applicant).html.partition("Key factors that adversely affected")[2].split("</ol>")[0]
    assert 1 <= factors.count("<li>") <= 5


@then(parsers.re(rf'{_LETTER} names "(?P<agency>[^"]+)", which played no part in the decision'))
def _(letters: Letters, applicant: str, agency: str) -> None:
    text = letters.text(applicant)
    assert f"{agency} {' '.join(LETTERHEAD.agency.address)} Toll-free telephone {LETTERHEAD.agency.phone}" in text
    assert "The reporting agency played no part in our decision" in text


@then(parsers.re(rf"{_LETTER} grants a free report within 60 days, and the right to dispute it"))
def _(letters: Letters, applicant: str) -> None:
    text = letters.text(applicant)
    assert "a free copy of your report from the reporting agency, if you request it no later than 60 days" in text
    assert "you have the right to dispute the matter with the reporting agency" in text


@then(parsers.re(rf'{_LETTER} gives the Equal Credit Opportunity Act notice of the "(?P<regulator>[^"]+)"'))
def _(letters: Letters, applicant: str, regulator: str) -> None:
    text = letters.text(applicant)
    assert "The federal Equal Credit Opportunity Act prohibits creditors from discriminating" in text
    assert f"administers compliance with this law concerning this creditor is {regulator}, " in text


@then(parsers.re(rf"{_LETTER} offers that loan until a day"))
def _(lender: Lender, desk: Desk, letters: Letters, applicant: str) -> None:
    offered = lender.case_decisions(desk.cases[applicant], by=person("Uma"))
    text = letters.text(applicant)
    assert offered.amount
    assert f"Amount ${offered.amount:,.2f} Term {offered.term} months" in text
    assert re.search(r"please notify us no later than \w+ \d+, \d{4}, at the address", text)


@then(parsers.re(rf'{_LETTER} asks for "(?P<wanted>[^"]+)" by a day'))
def _(letters: Letters, applicant: str, wanted: str) -> None:
    text = letters.text(applicant)
    assert re.search(rf"{wanted} We need to receive this information by \w+ \d+, \d{{4}} \.", text)


@then(parsers.re(rf"{_LETTER} names no credit bureau"))
def _(letters: Letters, applicant: str) -> None:
    assert LETTERHEAD.agency.name not in letters.text(applicant)


@then(parsers.re(rf'{_LETTER} cannot be made without "(?P<missing>[^"]+)"'))
def _(letters: Letters, applicant: str, missing: str) -> None:
    assert any(missing in item for item in letters.answer(applicant).missing)
