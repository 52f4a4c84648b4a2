"""The search of the decision list: filters, order and page, which the page's address states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from application.ports.decisions.decision_archive import DecisionFilter, DecisionSort, FinalOutcomeFilter
from domain.policies.outcome import Outcome
from domain.products.fields import LARGEST, NumberField
from domain.products.spelling import UnreadableText, read_number
from entrypoints.ui.shared.dates import parse_day

Search = Mapping[str, str | None]
"""What is entered or in the address, by the names of `SEARCH_NAMES`."""

TEXTS = {
    "text": "text",
    "grade": "grade",
    "requested_by": "requested_by",
    "application": "application_reference",
    "applicant": "applicant_reference",
    "channel": "channel",
    "source": "source",
    "received": "received_through",
    "model": "model_version",
    "policy": "policy_version",
}
"""The filters by text, and the criterion of each."""
FILTER_NAMES = (
    *TEXTS,
    "outcome",
    "final",
    "since",
    "until",
    "minimum",
    "maximum",
    "trial",
    "from",
    "to",
    "pd_from",
    "pd_to",
)
"""The filters. `since` and `until` are days, both inclusive; `from` (inclusive) and `to` (exclusive) are times."""
SEARCH_NAMES = (*FILTER_NAMES, "sort")
NO_TRIALS, ONLY_TRIALS = "no", "only"
_TRIALS = {NO_TRIALS: False, ONLY_TRIALS: True}
_SORTS = {sort.value: sort for sort in DecisionSort}

_AMOUNT = NumberField("amount", "Amount", "$", 0, LARGEST, "")
_MAX_TEXT_LENGTH = 128
_MOST_CURSORS = 20
_CURSOR_LENGTH = 200
_MOST_PAGES = 1_000_000


class InvalidSearch(ValueError):
    """The filters are invalid; `errors` holds the messages by filter name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list: its number, and the cursors of the pages up to it, of which the first page has none.

    The address has the last cursors only: it stays short, and "Newer" then leads to the first page in the end.
    """

    number: int = 1
    cursors: tuple[str, ...] = ()

    @classmethod
    def of(cls, number: str | None, cursors: Sequence[str]) -> "ListPage":
        """The page in an address; the first one if it is not a page."""
        kept = tuple(cursor for cursor in cursors[-_MOST_CURSORS:] if 0 < len(cursor) <= _CURSOR_LENGTH)
        if not kept or not number or not number.isdecimal() or not 1 < int(number[:9]) <= _MOST_PAGES:
            return cls()
        return cls(int(number), kept)

    @property
    def cursor(self) -> str | None:
        """The cursor of this page."""
        return self.cursors[-1] if self.cursors else None

    @property
    def newer(self) -> "ListPage":
        """The page before this one, or the first."""
        return ListPage(self.number - 1, self.cursors[:-1]) if len(self.cursors) > 1 else ListPage()

    def older(self, cursor: str) -> "ListPage":
        """The page after this one."""
        return ListPage(self.number + 1, (*self.cursors, cursor)[-_MOST_CURSORS:])


def filter_from(search: Search, zone: tzinfo = UTC) -> DecisionFilter:
    """The filter for the entered values, with days of this time zone; raises InvalidSearch."""
    values = {name: (search.get(name) or "").strip() for name in SEARCH_NAMES}
    errors: dict[str, str] = {}
    outcomes = {outcome.value: outcome for outcome in Outcome}
    finals = {final.value: final for final in FinalOutcomeFilter}
    for name, known in (("outcome", outcomes), ("final", finals)):
        if values[name] and values[name] not in known:
            errors[name] = "Select an option"
    since, until = (
        parse_day(values[name], name, errors, zone, days_later=later) if values[name] else None
        for name, later in (("since", 0), ("until", 1))
    )
    minimum, maximum = (_amount(values[name], name, errors) for name in ("minimum", "maximum"))
    if since and until and until <= since:
        errors["until"] = "End precedes start"
    if minimum is not None and maximum is not None and maximum < minimum:
        errors["maximum"] = "Must be at least the minimum"
    if values["trial"] and values["trial"] not in _TRIALS:
        errors["trial"] = "Select an option"
    for names, read in ((("from", "to"), _moment), (("pd_from", "pd_to"), _fraction)):
        given = {name: search.get(name) or "" for name in names}
        errors |= {name: "Cannot be read" for name, text in given.items() if text and read(text) is None}
    if errors:
        raise InvalidSearch(errors)
    begin, end = exact_period(search)
    lowest, highest = pd_range(search)
    texts: dict[str, Any] = {to: values[name][:_MAX_TEXT_LENGTH] or None for name, to in TEXTS.items()}
    return DecisionFilter(
        outcome=outcomes.get(values["outcome"]),
        final_outcome=finals.get(values["final"]),
        since=max((each for each in (since, begin) if each), default=None),
        until=min((each for each in (until, end) if each), default=None),
        minimum_amount=minimum,
        maximum_amount=maximum,
        minimum_pd=lowest,
        below_pd=highest,
        trial=_TRIALS.get(values["trial"]),
        sort=sort_of(search),
        **texts,
    )


def exact_period(search: Search) -> tuple[datetime | None, datetime | None]:
    """The times of a link from a chart, in UTC; None where there is no time."""
    begin, end = (_moment(search.get(name) or "") for name in ("from", "to"))
    return begin, end


def pd_range(search: Search) -> tuple[float | None, float | None]:
    """The PDs of a link from a chart, from the first on and below the second; None where there is none."""
    lowest, highest = (_fraction(search.get(name) or "") for name in ("pd_from", "pd_to"))
    return lowest, highest


def sort_of(search: Search) -> DecisionSort:
    """The order of the list."""
    return _SORTS.get(search.get("sort") or "", DecisionSort.NEWEST)


def _fraction(text: str) -> float | None:
    try:
        fraction = float(text)
    except ValueError:
        return None
    return fraction if 0 <= fraction <= 1 else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def address_of(search: Search, zone: str = "", page: ListPage | None = None) -> str:
    """The page's address, which can be bookmarked and shared: it has the zone of its days, and its page."""
    parameters = [(name, value) for name in SEARCH_NAMES if (value := search.get(name))]
    if zone and (search.get("since") or search.get("until")):
        parameters.append(("zone", zone))
    if page and page.cursors:
        parameters += [("page", str(page.number)), *(("cursor", cursor) for cursor in page.cursors)]
    return "/decisions" + (f"?{urlencode(parameters)}" if parameters else "")


def _amount(text: str, name: str, errors: dict[str, str]) -> float | None:
    try:
        amount = read_number(text, _AMOUNT)
    except UnreadableText:
        amount = None
    if text and not _AMOUNT.allows(amount):
        errors[name] = "Enter an amount, e.g. 10,000"
    return amount
