"""The events of the audit trail, newest first. Filters apply immediately and are kept in the address."""

from collections.abc import Mapping
from uuid import UUID

from nicegui import ui

from application.ports.audit.event_history import EventPage
from entrypoints.ui.audit.event_list import (
    KINDS,
    SEARCH_NAMES,
    EventRow,
    InvalidSearch,
    actor_note,
    address_of,
    event_row,
    filter_from,
)
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.paging import draw_page_buttons
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.widgets import Text, anchor, box, icon, scroll_to

PAGE_SIZE = 25
_COLUMNS = ("When", "Event", "Actor", "Subject", "Details")


class EventSection:
    """The filters, the current page of events, and the cursors of the pages before it."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        query = context.request.query_params
        self.search: dict[str, str | None] = {name: query.get(name) for name in SEARCH_NAMES}
        self.inputs: dict[str, ui.input | ui.select] = {}
        self.cursors: list[UUID | None] = [None]
        self.latest_request = 0
        self._draw_search()
        self.results = box("div", "results").props("aria-live=polite")

    def _draw_search(self) -> None:
        with box("form", "search event-search card").props("role=search novalidate") as form:
            form.on("submit.prevent", lambda: None)
            self._field("kind", ui.select({"": "All"} | dict(KINDS), label="Event", value=""))
            self._field("actor", ui.input("Actor", placeholder="User or os:NAME"))
            self._field("subject", ui.input("Subject", placeholder="User, decision, batch …"))
            self._field("since", ui.input("From date").props("type=date"))
            self._field("until", ui.input("To date").props("type=date"))

    def _field(self, name: str, element: ui.input | ui.select) -> None:
        value = self.search[name] or ""
        element.value = value if name != "kind" or value in KINDS else ""
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=100")
        element.mark(f"search-{name}")
        self.inputs[name] = element

        async def apply_filter() -> None:
            self.search[name] = element.value
            self.cursors = [None]
            ui.navigate.history.replace(address(address_of(self.search)))
            await self.show()

        element.on_value_change(reporting_errors(apply_filter, where="/audit"))

    async def show(self) -> None:
        """Load and draw the page at the last cursor; the response to an outdated request is dropped."""
        self.latest_request += 1
        request = self.latest_request
        errors: Mapping[str, str] = {}
        try:
            wanted = filter_from(self.search)
        except InvalidSearch as error:
            errors = error.errors
        for name, element in self.inputs.items():
            element.error = errors.get(name)
        if errors:
            return
        page = await self.context.use_cases.list_events(
            wanted, by=self.context.actor(), limit=PAGE_SIZE, before=self.cursors[-1]
        )
        if request == self.latest_request:
            self.results.clear()
            with self.results:
                self._draw(page)

    def _draw(self, page: EventPage) -> None:
        if not page.events:
            _draw_empty(filtered=any(self.search.values()))
            return
        first = PAGE_SIZE * (len(self.cursors) - 1) + 1
        with box("div", "card list-card"), box("table", "list-table event-table"):
            Text("caption", "Events, newest first", "visually-hidden")
            with box("thead"), box("tr"):
                for title in _COLUMNS:
                    Text("th", title).props("scope=col")
            with box("tbody"):
                for event in page.events:
                    _draw_row(event_row(event))
        with box("div", "paging"):
            Text("p", f"Events {first:,} to {first + len(page.events) - 1:,}", "note")
            draw_page_buttons(self.cursors, page.before, self._open_page, where="/audit")

    async def _open_page(self, cursors: list[UUID | None]) -> None:
        self.cursors = cursors
        await self.show()
        scroll_to(self.results)


def _draw_row(row: EventRow) -> None:
    with box("tr"):
        Text("td", row.at, "event-at")
        with box("td", "event-kind"):
            _text_or_link(row.kind, row.report)
        with box("td", "event-actor"):
            Text("span", row.actor)
            if note := actor_note(row.actor):
                Text("span", note, "secondary-text")
        with box("td", "event-subject"):
            _text_or_link(row.subject, row.page)
        Text("td", row.details, "event-details")


def _text_or_link(text: str, address: str) -> None:
    if address:
        anchor(text, address)
    else:
        Text("span", text)


def _draw_empty(*, filtered: bool) -> None:
    with box("div", "card empty-state"):
        icon("manage_search" if filtered else "inbox", "empty-icon")
        Text("h2", "No events match" if filtered else "No events yet")
        Text("p", "Try fewer filters." if filtered else "Logins, changes of users and the like are listed here.")
        if filtered:
            anchor("Clear filters", "/audit", "button-secondary")
