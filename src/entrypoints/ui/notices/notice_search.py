"""The search of the list of notices: view and filters, which the page's address states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from application.ports.notices.notices import NoticeFilter
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState
from entrypoints.ui.decisions.decision_search import ListPage

PATH = "/notices"
FILTER_NAMES = ("kind", "within")

Search = Mapping[str, str | None]


class View(StrEnum):
    """The lists of notices."""

    DUE = "due"
    OVERDUE = "overdue"
    ISSUED = "issued"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


VIEWS: Mapping[View, str] = {
    View.DUE: "Due",
    View.OVERDUE: "Overdue",
    View.ISSUED: "Issued",
    View.DELIVERED: "Delivered",
    View.CANCELLED: "Cancelled",
}
WITHIN: Mapping[str, str] = {"1": "24 hours", "3": "3 days", "7": "7 days", "14": "14 days"}
"""Filters by due time, in days from now."""
WAITING = frozenset({View.DUE, View.OVERDUE, View.ISSUED})
"""The lists of notices that were not delivered, which others change and which have a clock."""


@dataclass(frozen=True, slots=True)
class NoticeSearch:
    """A list of notices, with the entered filters by name. Filters that are not known count as none."""

    view: View
    entered: Mapping[str, str]

    @classmethod
    def of(cls, query: Search) -> "NoticeSearch":
        """The search in an address; the default is notices that are due."""
        given = query.get("view") or ""
        known = {"kind": {kind.value for kind in NoticeKind}, "within": set(WITHIN)}
        entered = {name: query.get(name) or "" for name in FILTER_NAMES}
        return cls(
            View(given) if given in set(View) else View.DUE,
            {name: text if text in known[name] else "" for name, text in entered.items()},
        )

    @property
    def filtered(self) -> bool:
        """Whether any filter is entered."""
        return any(self.entered.values())

    def filter(self, now: datetime, view: View | None = None) -> NoticeFilter:
        """The filter for the entered values, in this list or another one."""
        view = view or self.view
        within, kind = self.entered["within"], self.entered["kind"]
        overdue = view is View.OVERDUE
        return NoticeFilter(
            states=frozenset(NoticeState) if overdue else frozenset({NoticeState(view.value)}),
            kind=NoticeKind(kind) if kind else None,
            overdue_at=now if overdue else None,
            due_before=now + timedelta(days=int(within)) if within and view in WAITING else None,
        )

    def address(self, page: ListPage | None = None, view: View | None = None) -> str:
        """The page's address, which can be bookmarked and shared."""
        parameters = [("view", (view or self.view).value)]
        parameters += [(name, text) for name, text in self.entered.items() if text]
        if page and page.cursors:
            parameters += [("page", str(page.number)), *(("cursor", cursor) for cursor in page.cursors)]
        return f"{PATH}?{urlencode(parameters)}"
