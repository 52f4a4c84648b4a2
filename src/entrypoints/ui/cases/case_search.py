"""The search of the list of cases: view and filters, which the page's address states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from application.ports.cases.cases import CaseFilter
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.cases.case_state import ENDED, UNFINISHED, CaseState
from domain.cases.quality import QualityState
from domain.products.fields import LARGEST, NumberField
from domain.products.spelling import UnreadableText, read_number
from entrypoints.ui.decisions.decision_search import ListPage

PATH = "/cases"
FILTER_NAMES = ("state", "review", "assignee", "due", "minimum", "maximum", "reason", "request")
REQUESTED = "yes"
"""The value of the filter for cases that are to answer a request of the applicant."""
SEARCH_NAMES = ("view", *FILTER_NAMES)
_AMOUNT = NumberField("amount", "Amount", "$", 0, LARGEST, "")
_LONGEST = 128

Search = Mapping[str, str | None]


class View(StrEnum):
    """The lists of cases."""

    MINE = "mine"
    QUEUE = "queue"
    SECOND_APPROVAL = "second-approval"
    UNFINISHED = "unfinished"
    FINISHED = "finished"
    QUALITY = "quality"


class Due(StrEnum):
    """Filters by due time."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"


VIEWS: Mapping[View, str] = {
    View.MINE: "My cases",
    View.QUEUE: "Queue",
    View.SECOND_APPROVAL: "Awaiting second approval",
    View.UNFINISHED: "All unfinished",
    View.FINISHED: "Finished",
    View.QUALITY: "Quality review",
}
DUES: Mapping[Due, str] = {
    Due.OVERDUE: "Overdue",
    Due.TODAY: "By the end of today",
    Due.TOMORROW: "By the end of tomorrow",
}
REVIEWS: Mapping[QualityState, str] = {
    QualityState.WAITING: "Waiting",
    QualityState.DISAGREED: "Reviewer disagreed",
    QualityState.AGREED: "Reviewer agreed",
}
_STATES: Mapping[View, frozenset[CaseState]] = {
    View.MINE: UNFINISHED,
    View.QUEUE: frozenset({CaseState.OPEN}),
    View.SECOND_APPROVAL: frozenset({CaseState.AWAITING_SECOND_APPROVAL}),
    View.UNFINISHED: UNFINISHED,
    View.FINISHED: ENDED,
    View.QUALITY: frozenset({CaseState.RESOLVED}),
}


class InvalidCaseSearch(ValueError):
    """The filters are invalid; `errors` holds the messages by filter name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """A list of cases, with the entered filters by name."""

    view: View
    entered: Search

    @classmethod
    def of(cls, query: Search, viewer: Actor) -> "CaseSearch":
        """The search in an address. The default is one's own cases, or all unfinished for people who have none."""
        default = View.MINE if viewer.may(Permission.WORK_CASES) else View.UNFINISHED
        given = query.get("view") or ""
        view = View(given) if given in set(View) else default
        return cls(view, {name: query.get(name) or "" for name in FILTER_NAMES})

    @property
    def states(self) -> frozenset[CaseState]:
        """The states in this list."""
        return _STATES[self.view]

    @property
    def filtered(self) -> bool:
        """Whether any filter is entered."""
        return any(self.entered.values())

    def filter(self, viewer: Actor, now: datetime, zone: ZoneInfo) -> CaseFilter:
        """The filter for the entered values; raises InvalidCaseSearch."""
        errors: dict[str, str] = {}
        entered = {name: (text or "").strip() for name, text in self.entered.items()}
        states = {state.value: state for state in self.states}
        if entered["state"] and entered["state"] not in states:
            errors["state"] = "Select an option"
        if entered["due"] and entered["due"] not in set(Due):
            errors["due"] = "Select an option"
        reviews = {state.value: state for state in REVIEWS}
        review = reviews.get(entered["review"] or QualityState.WAITING.value)
        if review is None:
            errors["review"] = "Select an option"
        if entered["request"] not in {"", REQUESTED}:
            errors["request"] = "Select an option"
        minimum, maximum = (_amount(entered[name], name, errors) for name in ("minimum", "maximum"))
        if minimum is not None and maximum is not None and maximum < minimum:
            errors["maximum"] = "Must be at least the minimum"
        if errors:
            raise InvalidCaseSearch(errors)
        return CaseFilter(
            states=frozenset({states[entered["state"]]}) if entered["state"] else self.states,
            assignee=viewer.name if self.view is View.MINE else entered["assignee"][:_LONGEST] or None,
            due_before=_due_before(Due(entered["due"]), now, zone) if entered["due"] else None,
            minimum_amount=minimum,
            maximum_amount=maximum,
            reason=entered["reason"][:_LONGEST] or None,
            applicant_request=bool(entered["request"]),
            quality=review if self.view is View.QUALITY else None,
        )

    def address(self, page: ListPage | None = None) -> str:
        """The page's address, which can be bookmarked and shared."""
        parameters = [("view", self.view.value)]
        parameters += [(name, text) for name, text in self.entered.items() if text]
        if page and page.cursors:
            parameters += [("page", str(page.number)), *(("cursor", cursor) for cursor in page.cursors)]
        return f"{PATH}?{urlencode(parameters)}"


def _due_before(due: Due, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the day in the zone, or the present."""
    if due is Due.OVERDUE:
        return now
    days = 1 if due is Due.TODAY else 2
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), time(), zone)


def _amount(text: str, name: str, errors: dict[str, str]) -> Money | None:
    try:
        amount = read_number(text, _AMOUNT)
    except UnreadableText:
        amount = None
    if text and (amount is None or not _AMOUNT.allows(amount)):
        errors[name] = "Enter an amount, e.g. 10,000"
        return None
    return None if amount is None else Money.of(amount)
