"""The list of loan applications with their states. Filters apply immediately, and the address keeps them."""

from nicegui import ui

from application.ports.decisions.decision_archive import InvalidCursor
from application.use_cases.applications.read_applications import ApplicationList as Page
from domain.access.user import Permission
from domain.applications.application_state import ApplicationState
from entrypoints.ui.applications.application_search import FILTER_NAMES, PATH, address_of, filter_from
from entrypoints.ui.applications.application_table import application_row, draw_table
from entrypoints.ui.decisions.decision_search import ListPage
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.labels import APPLICATION_STATES
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.paging import draw_page_buttons
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.time_zone import zone_label
from entrypoints.ui.shared.widgets import Text, anchor, box, icon, page_header, scroll_to

PAGE_SIZE = 25


def register(interface: Interface) -> None:
    """Register the page /applications."""
    add_page(interface, PATH, "Applications", _build, current=PATH)


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_DECISIONS)
    scope = "All applications" if actor.may(Permission.READ_ALL_DECISIONS) else "Applications you submitted"
    with page_header("Applications", f"{scope}. Times are in {zone_label(context.zone)}."):
        if actor.may(Permission.ASSESS_APPLICATIONS):
            anchor("New application", "/", "button-secondary screen-only")
    applications = ApplicationList(context)
    applications.draw_search()
    applications.results = box("div", "results application-list").props("aria-live=polite")
    await applications.show()


class ApplicationList:
    """The filters, the current page, and the results."""

    results: ui.element

    def __init__(self, context: PageContext) -> None:
        self.context = context
        query = context.request.query_params
        self.search: dict[str, str | None] = {name: query.get(name) for name in FILTER_NAMES}
        self.page = ListPage.of(query.get("page"), query.getlist("cursor"))
        self.latest_request = 0

    def draw_search(self) -> None:
        """Draw the filters; each applies immediately."""
        with box("form", "search application-search card").props("role=search novalidate") as form:
            form.on("submit.prevent", lambda: None)
            self._field("reference", ui.input("Application reference", placeholder="Exact text"))
            self._field("applicant", ui.input("Applicant reference", placeholder="Exact text"))
            states = {state.value: APPLICATION_STATES[state] for state in ApplicationState}
            self._field("state", ui.select({"": "All"} | states, label="State"))

    def _field(self, name: str, element: ui.input | ui.select) -> None:
        entered = self.search[name] or ""
        known = not isinstance(element, ui.select) or entered in element.options
        element.value = entered if known else ""
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=128")
        element.mark(f"search-{name}")

        async def changed() -> None:
            self.search[name] = element.value
            self.page = ListPage()
            await reporting_errors(self._show_with_address, where=PATH)()

        element.on_value_change(changed)

    async def _show_with_address(self) -> None:
        ui.navigate.history.replace(address(address_of(self.search, self.page)))
        await self.show()

    async def show(self) -> None:
        """Load and draw the current page; the response to an outdated request is dropped."""
        self.latest_request += 1
        request = self.latest_request
        list_applications, actor = self.context.use_cases.applications.list, self.context.actor()
        wanted = filter_from(self.search)
        try:
            found = await list_applications(wanted, by=actor, limit=PAGE_SIZE, cursor=self.page.cursor)
        except InvalidCursor:
            self.page = ListPage()
            found = await list_applications(wanted, by=actor, limit=PAGE_SIZE)
        if request == self.latest_request:
            self.results.clear()
            with self.results:
                self._draw(found)

    def _draw(self, found: Page) -> None:
        if not found.applications:
            self._draw_empty()
            return
        first = PAGE_SIZE * (self.page.number - 1) + 1
        with box("div", "card list-card"):
            draw_table([application_row(each, self.context.zone) for each in found.applications])
        with box("div", "paging"):
            Text("p", f"Applications {first:,} to {first + len(found.applications) - 1:,}", "note")
            cursors = [None, *self.page.cursors]
            draw_page_buttons(cursors, found.next_cursor, self._open_page, where=PATH)

    async def _open_page(self, cursors: list[str | None]) -> None:
        opened = cursors[-1]
        older = opened is not None and len(cursors) > len(self.page.cursors) + 1
        self.page = self.page.older(opened) if older and opened else self.page.newer
        await self._show_with_address()
        scroll_to(self.results)

    def _draw_empty(self) -> None:
        filtered = any(self.search.values())
        with box("div", "card empty-state"):
            icon("manage_search" if filtered else "inbox", "empty-icon")
            if filtered:
                Text("h2", "No applications match")
                Text("p", "References must be entered exactly. Try fewer filters.")
                anchor("Clear filters", PATH, "button-secondary")
            else:
                Text("h2", "No applications yet")
                Text("p", "Applications submitted here, through the API or in files are listed on this page.")
                if self.context.actor().may(Permission.ASSESS_APPLICATIONS):
                    anchor("New application", "/", "button-secondary")
