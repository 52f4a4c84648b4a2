"""The words and codes with which other systems say what became of a loan."""

import pytest

from domain.outcomes.loan_status import LoanStatus
from domain.outcomes.status_words import KnownStatus, UnknownStatusWord, read_status

S = LoanStatus


@pytest.mark.parametrize(
    ("word", "status", "days"),
    [
        ("Fully Paid", S.PAID, None),
        ("Charged Off", S.CHARGED_OFF, None),
        ("Current", S.PERFORMING, None),
        ("Default", S.DEFAULTED, None),
        ("Issued", S.BOOKED, None),
        ("In Grace Period", S.LATE, 1),
        ("Late (16-30 days)", S.LATE, 16),
        ("Late (31-120 days)", S.LATE, 31),
        ("Performing Payment Plan", S.PERFORMING, None),
        ("Does not meet the credit policy. Status:Fully Paid", S.PAID, None),
        ("Does not meet the credit policy.  Status: Charged Off", S.CHARGED_OFF, None),
        ("Does not meet the credit policy. Status:Late (31-120 days)", S.LATE, 31),
        ("Does not meet the credit policy. Status:In Grace Period", S.LATE, 1),
        (" fully PAID ", S.PAID, None),
        ("paid-off", S.PAID, None),
    ],
)
def test_every_status_of_lending_club_is_known_in_any_letter_case(
    word: str, status: LoanStatus, days: int | None
) -> None:
    assert read_status(word) == KnownStatus(status, days)


@pytest.mark.parametrize("status", LoanStatus)
def test_our_own_words_are_known(status: LoanStatus) -> None:
    assert read_status(status.value.upper()).status is status


@pytest.mark.parametrize(
    ("code", "status", "days"),
    [
        ("11", S.PERFORMING, None),
        ("13", S.PAID, None),
        ("64", S.CHARGED_OFF, None),
        ("71", S.LATE, 30),
        ("78", S.LATE, 60),
        ("80", S.LATE, 90),
        ("82", S.LATE, 120),
        ("83", S.LATE, 150),
        ("84", S.LATE, 180),
        ("97", S.CHARGED_OFF, None),
        *((code, S.DEFAULTED, None) for code in ["61", "62", "63", "65", "88", "89", "93", "94", "95", "96"]),
    ],
)
def test_account_status_codes_of_metro_2_are_known(code: str, status: LoanStatus, days: int | None) -> None:
    assert read_status(code) == KnownStatus(status, days)


@pytest.mark.parametrize("code", ["05", "5", "DA", "df"])
def test_codes_that_are_no_outcome_are_named_as_such(code: str) -> None:
    with pytest.raises(UnknownStatusWord, match="is no outcome: the account"):
        read_status(code)


@pytest.mark.parametrize(
    ("word", "hint"),
    [("Fuly Paid", "did you mean fully paid"), ("??", "allowed is booked"), ("", "allowed is"), ("99", "Metro 2")],
)
def test_an_unknown_word_is_named_with_what_is_allowed(word: str, hint: str) -> None:
    with pytest.raises(UnknownStatusWord, match=hint):
        read_status(word)
