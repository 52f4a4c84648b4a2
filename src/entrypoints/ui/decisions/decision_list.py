"""The list of decisions: what was searched for, read into a filter, and each record as one row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from application.ports.decisions.decision_archive import DecisionFilter
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from entrypoints.ui.applications.application_form import number_in
from entrypoints.ui.shared import labels as words
from entrypoints.ui.shared.dates import day_of
from entrypoints.ui.shared.formats import moment, money, percent

SEARCH_NAMES = ("text", "outcome", "since", "until", "minimum", "maximum")
"""What can be searched by, as named in the page's address; both dates are days in UTC, both inclusive."""

_LONGEST_TEXT = 100


class InvalidSearch(ValueError):
    """What was entered narrows nothing; `faults` says why, by name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision in the list."""

    decision_id: str
    decided: str
    outcome: str
    headline: str
    amount: str
    term: str
    purpose: str
    pd: str
    points: str
    grade: str
    requested_by: str
    channel: str


def filter_from(search: Mapping[str, str | None]) -> DecisionFilter:
    """The filter for what was entered; raises InvalidSearch."""
    given = {name: (search.get(name) or "").strip() for name in SEARCH_NAMES}
    faults: dict[str, str] = {}
    outcomes = {outcome.value: outcome for outcome in Outcome}
    if given["outcome"] and given["outcome"] not in outcomes:
        faults["outcome"] = "Choose one of the list"
    since, until = (day_of(given[name], name, faults) if given[name] else None for name in ("since", "until"))
    minimum, maximum = (_amount(given[name], name, faults) for name in ("minimum", "maximum"))
    if since and until and until < since:
        faults["until"] = "Not before the first day"
    if minimum is not None and maximum is not None and maximum < minimum:
        faults["maximum"] = "Not below the least amount"
    if faults:
        raise InvalidSearch(faults)
    return DecisionFilter(
        text=given["text"][:_LONGEST_TEXT] or None,
        outcome=outcomes.get(given["outcome"]),
        since=since,
        until=until and until + timedelta(days=1),
        minimum_amount=minimum,
        maximum_amount=maximum,
    )


def address_of(search: Mapping[str, str | None]) -> str:
    """The page's address for a search, to be kept, shared and come back to."""
    given = {name: value for name in SEARCH_NAMES if (value := search.get(name))}
    return "/decisions" + (f"?{urlencode(given)}" if given else "")


def decision_row(record: DecisionRecord) -> DecisionRow:
    """The row of a record."""
    decision, terms = record.decision, record.application.terms
    return DecisionRow(
        decision_id=str(record.decision_id),
        decided=moment(record.decided_at),
        outcome=decision.outcome.value,
        headline=words.OUTCOMES[decision.outcome],
        amount=money(terms.amount),
        term=terms.term.label,
        purpose=words.choice("purpose", terms.purpose.value),
        pd=percent(record.prediction.pd.value),
        points=str(decision.points),
        grade=decision.grade,
        requested_by=record.requested_by.name,
        channel=words.channel(record.channel),
    )


def _amount(text: str, name: str, faults: dict[str, str]) -> float | None:
    amount = number_in("".join(text.split()))
    if text and (amount is None or amount < 0):
        faults[name] = "Enter an amount, as 10,000"
    return amount
