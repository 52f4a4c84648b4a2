"""The words for a loan's status in other systems: LendingClub's texts and the account status codes of Metro 2."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.outcomes.loan_status import LoanStatus
from domain.products.close_match import did_you_mean


@dataclass(frozen=True, slots=True)
class KnownStatus:
    """The status that a word stands for, and the fewest days past due that it says; None if it says nothing."""

    status: LoanStatus
    days_past_due: int | None = None


class UnknownStatusWord(ValueError):
    """A word stands for no status of a loan; the text says what it may mean instead."""


_S = LoanStatus
_OWN = {status.value: KnownStatus(status) for status in LoanStatus}
_LENDING_CLUB = {
    "issued": KnownStatus(_S.BOOKED),
    "current": KnownStatus(_S.PERFORMING),
    "performing payment plan": KnownStatus(_S.PERFORMING),
    "in grace period": KnownStatus(_S.LATE, 1),
    "late (16-30 days)": KnownStatus(_S.LATE, 16),
    "late (31-120 days)": KnownStatus(_S.LATE, 31),
    "default": KnownStatus(_S.DEFAULTED),
    "charged off": KnownStatus(_S.CHARGED_OFF),
    "fully paid": KnownStatus(_S.PAID),
}
_OTHERS = {
    "charge off": KnownStatus(_S.CHARGED_OFF),
    "paid off": KnownStatus(_S.PAID),
    "paid in full": KnownStatus(_S.PAID),
    "paid early": KnownStatus(_S.PREPAID),
}
_METRO_2 = {
    "11": KnownStatus(_S.PERFORMING),
    "13": KnownStatus(_S.PAID),
    "61": KnownStatus(_S.DEFAULTED),
    "62": KnownStatus(_S.DEFAULTED),
    "63": KnownStatus(_S.DEFAULTED),
    "64": KnownStatus(_S.CHARGED_OFF),
    "65": KnownStatus(_S.DEFAULTED),
    "71": KnownStatus(_S.LATE, 30),
    "78": KnownStatus(_S.LATE, 60),
    "80": KnownStatus(_S.LATE, 90),
    "82": KnownStatus(_S.LATE, 120),
    "83": KnownStatus(_S.LATE, 150),
    "84": KnownStatus(_S.LATE, 180),
    "88": KnownStatus(_S.DEFAULTED),
    "89": KnownStatus(_S.DEFAULTED),
    "93": KnownStatus(_S.DEFAULTED),
    "94": KnownStatus(_S.DEFAULTED),
    "95": KnownStatus(_S.DEFAULTED),
    "96": KnownStatus(_S.DEFAULTED),
    "97": KnownStatus(_S.CHARGED_OFF),
}
"""Account status codes (Metro 2, field 17A). 61 to 65 are accounts that were paid in full after surrender,
collection, repossession, charge-off and foreclosure: those loans defaulted.
"""
_NO_OUTCOMES = {
    "05": "the account was transferred, so its outcome is not known here",
    "da": "the account is to be deleted, which is no outcome",
    "df": "the account is to be deleted for fraud, which is no outcome",
}
_SIMPLE = re.compile("[^a-z0-9]+")


def _key(text: str) -> str:
    return _SIMPLE.sub("", text.lower())


_EXCEPTION = _key("Does not meet the credit policy. Status:")
"""LendingClub's prefix for loans that were exceptions to its policy."""
_BY_KEY: Mapping[str, KnownStatus] = {
    _key(word): known for words in (_OWN, _LENDING_CLUB, _OTHERS, _METRO_2) for word, known in words.items()
}
ALLOWED = f"{', '.join(_OWN)}, a status of LendingClub such as Fully Paid, or an account status code of Metro 2"


def read_status(text: str) -> KnownStatus:
    """The status that a word stands for, without regard to letter case, spaces and signs.

    Raises UnknownStatusWord.
    """
    key = _key(text).removeprefix(_EXCEPTION)
    key = f"0{key}" if len(key) == 1 and key.isdigit() else key
    if key in _NO_OUTCOMES:
        raise UnknownStatusWord(f"is no outcome: {_NO_OUTCOMES[key]}")
    known = _BY_KEY.get(key)
    if known is None:
        close = did_you_mean(text.strip().lower(), (*_OWN, *_LENDING_CLUB))
        raise UnknownStatusWord(f"is not a known status{close}; allowed is {ALLOWED}")
    return known
