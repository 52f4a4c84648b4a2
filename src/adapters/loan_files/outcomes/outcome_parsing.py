"""From the cells of a row to an outcome, or to everything that is wrong with the row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from uuid import UUID

from adapters.loan_files.issue_dates import ALLOWED as ALLOWED_DATES
from adapters.loan_files.issue_dates import DayOrder, parse_issue_date
from adapters.loan_files.outcomes.outcome_columns import AMOUNTS, IDENTIFIER, REFERENCE, SOURCE
from application.ports.outcomes.loan_outcomes import LoanKey
from application.ports.outcomes.outcome_files import OutcomeRow, RefusedRow
from domain.applications.application_identity import TEXTS, allowed, is_label
from domain.applications.money import Money
from domain.outcomes.loan_outcome import MOST_DAYS_PAST_DUE, LoanAmounts, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.outcomes.status_words import KnownStatus, UnknownStatusWord, read_status
from domain.products.fields import NumberField
from domain.products.spelling import UnreadableText, is_missing, read_number

_LONGEST_SHOWN = 60
_FIELDS = {
    **{name: NumberField(name, name, "$", 0, 1e9, "", optional=True) for name in AMOUNTS},
    "days_past_due": NumberField("days_past_due", "", "", 0, MOST_DAYS_PAST_DUE, "", whole=True, optional=True),
}


@dataclass(slots=True)
class RowParser:
    """Reads rows of one file; `orders` are those of day and month by column, `as_of` the day of rows without."""

    orders: Mapping[str, DayOrder | None]
    as_of: date | None = None
    _faults: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, row: int, line: int, cells: Mapping[str, str | None]) -> OutcomeRow | list[RefusedRow]:
        """The outcome, or the faults of the row; None and blank cells are missing."""
        self._faults = []
        texts = {name: text for name, text in cells.items() if text is not None and not is_missing(text)}
        key = self._key(texts)
        stated = self._stated(texts)
        if stated is not None and key is not None and not self._faults:
            return OutcomeRow(row, line, key, stated)
        shown = (texts.get(REFERENCE) or texts.get(IDENTIFIER) or "")[:_LONGEST_SHOWN]
        return [RefusedRow(row, line, shown, name, value, why) for name, value, why in self._faults]

    def _key(self, texts: Mapping[str, str]) -> LoanKey | None:
        """How the row names its loan. A column of identifiers may hold the caller's own instead."""
        reference, identifier = texts.get(REFERENCE), texts.get(IDENTIFIER)
        if reference is None and identifier is None:
            self._fault(REFERENCE, "", "is missing: name the application")
            return None
        for name, text in ((REFERENCE, reference or identifier), (SOURCE, texts.get(SOURCE))):
            if text is not None and not is_label(text.strip(), TEXTS[name]):
                self._fault(name, text, f"is not a valid text; allowed: {allowed(name)}")
                return None
        own = None if identifier is None else _identifier(identifier.strip())
        reference = identifier if reference is None else reference
        return LoanKey(reference and reference.strip(), texts.get(SOURCE, "").strip() or None, own)

    def _stated(self, texts: Mapping[str, str]) -> StatedOutcome | None:
        known = self._status(texts.get("status"))
        booked_on = self._date(texts, "booked_on")
        as_of = self._date(texts, "as_of") or self.as_of
        if as_of is None and known is not None and known.status is LoanStatus.BOOKED:
            as_of = booked_on
        if as_of is None and "as_of" not in texts:
            self._fault("as_of", "", "is missing: state it, or the day of the whole file")
        amounts = {name: self._number(texts, name) for name in AMOUNTS}
        days = self._number(texts, "days_past_due")
        if known is None or as_of is None or self._faults:
            return None
        money = {name: Money.of(amount) for name, amount in amounts.items() if amount is not None}
        return StatedOutcome(known.status, as_of, booked_on, _days(known, days), LoanAmounts(**money))

    def _status(self, text: str | None) -> KnownStatus | None:
        if text is None:
            self._fault("status", "", "is missing")
            return None
        try:
            return _known_status(text)
        except UnknownStatusWord as fault:
            self._fault("status", text, str(fault))
            return None

    def _date(self, texts: Mapping[str, str], name: str) -> date | None:
        text = texts.get(name)
        if text is None:
            return None
        found = parse_issue_date(text, self.orders.get(name))
        if found is None:
            self._fault(name, text, f"is not a day up to today; allowed: {ALLOWED_DATES}")
        return found

    def _number(self, texts: Mapping[str, str], name: str) -> float | None:
        text = texts.get(name)
        if text is None:
            return None
        limits = _FIELDS[name]
        try:
            number = read_number(text, limits)
        except UnreadableText as fault:
            self._fault(name, text, str(fault))
            return None
        whole = number is None or not limits.whole or number == int(number)
        if number is not None and not (limits.minimum <= number <= limits.maximum and whole):
            self._fault(name, text, f"is out of range; allowed: {limits.allowed}")
        return number

    def _fault(self, name: str, value: str, why: str) -> None:
        self._faults.append((name, value[:_LONGEST_SHOWN], why))


def _days(known: KnownStatus, days: float | None) -> int | None:
    """The days past due that the row states, or the fewest that its status says; 0 states none."""
    return int(days) if days else known.days_past_due


@lru_cache(maxsize=256)
def _known_status(text: str) -> KnownStatus:
    return read_status(text)


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
