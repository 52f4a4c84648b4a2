"""The list of recorded decisions. Filters apply immediately; the address keeps them, the order and the page."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from nicegui import ui

from application.ports.decisions.decision_archive import (
    MAX_COUNTED,
    DecisionFilter,
    DecisionPage,
    DecisionSort,
    InvalidCursor,
)
from application.use_cases.products.read_product_of import Described
from domain.access.user import Permission
from domain.audit.evidence import MAX_DECISIONS
from domain.decisions.unreadable_decision import UnreadableDecision
from entrypoints.ui.decisions.decision_list import decision_row
from entrypoints.ui.decisions.decision_search import (
    FILTER_NAMES,
    SEARCH_NAMES,
    InvalidSearch,
    ListPage,
    address_of,
    filter_from,
    sort_of,
)
from entrypoints.ui.decisions.decision_table import draw_table
from entrypoints.ui.decisions.evidence_download import address_of_selection
from entrypoints.ui.decisions.remembered_list import remember_list
from entrypoints.ui.decisions.search_form import SearchForm
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.paging import BY_POSITION, BY_TIME, draw_page_buttons
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.time_zone import zone_label, zone_named
from entrypoints.ui.shared.widgets import Text, anchor, box, icon, page_header, scroll_to

PAGE_SIZE = 25
_PATH = "/decisions"
_DAYS = ("since", "until")


def register(interface: Interface) -> None:
    """Register the page /decisions."""
    add_page(interface, _PATH, "Decisions", _build, current=_PATH)


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_DECISIONS)
    decisions = DecisionList(context)
    scope = "All decisions" if actor.may(Permission.READ_ALL_DECISIONS) else "Decisions you requested"
    with page_header("Decisions", f"{scope}. Times are in {zone_label(context.zone)}."):
        if actor.may(Permission.ASSESS_APPLICATIONS):
            anchor("New application", "/", "button-secondary screen-only")
    decisions.form.draw()
    decisions.results = box("div", "results decision-list").props("aria-live=polite")
    remember_list()
    await decisions.show()


class DecisionList:
    """The search, its current page, and the results."""

    results: ui.element

    def __init__(self, context: PageContext) -> None:
        self.context = context
        query = context.request.query_params
        self.search: dict[str, str | None] = {name: query.get(name) for name in SEARCH_NAMES}
        self.zone = self._zone_of_days(query.get("zone"))
        self.page = ListPage.of(query.get("page"), query.getlist("cursor"))
        self.form = SearchForm(context, self.search, self._apply)
        self.latest_request = 0

    def _zone_of_days(self, name: str | None) -> ZoneInfo:
        """The zone in the address; UTC where an address with days has none, as those of the first releases."""
        has_days = any(self.search[each] for each in _DAYS)
        return zone_named(name) if has_days else self.context.zone

    async def _apply(self, name: str) -> None:
        if name in _DAYS:
            self.zone = self.context.zone
        self.page = ListPage()
        await reporting_errors(self._show_with_address, where=_PATH)()

    async def _show_with_address(self) -> None:
        ui.navigate.history.replace(address(address_of(self.search, self.zone.key, self.page)))
        await self.show()

    async def show(self) -> None:
        """Load and draw the current page; the response to an outdated request is dropped."""
        self.latest_request += 1
        request = self.latest_request
        try:
            decision_filter = filter_from(self.search, self.zone)
        except InvalidSearch as error:
            self.form.show_errors(error.errors)
            if set(error.errors) - set(self.form.inputs):
                self._draw_damaged_link()
            return
        self.form.show_errors({})
        found = await self._read(decision_filter)
        decisions = await self.context.use_cases.read_product_of.for_each(found.records)
        if request == self.latest_request:
            self.results.clear()
            with self.results:
                self._draw(found, decisions)

    async def _read(self, wanted: DecisionFilter) -> DecisionPage:
        """The current page, or the first if the cursor in the address is not one of this list."""
        list_decisions, actor = self.context.use_cases.list_decisions, self.context.actor()
        try:
            return await list_decisions(wanted, by=actor, limit=PAGE_SIZE, cursor=self.page.cursor)
        except InvalidCursor:
            self.page = ListPage()
            return await list_decisions(wanted, by=actor, limit=PAGE_SIZE)

    def _draw(self, found: DecisionPage, decisions: Sequence[Described | UnreadableDecision]) -> None:
        self.form.draw_charted(self._remove_charted)
        if self.zone is not self.context.zone:
            Text("p", f"The dates of this list are days in {zone_label(self.zone)}.", "note")
        if not found.records:
            self._draw_empty()
            return
        first = PAGE_SIZE * (self.page.number - 1) + 1
        last = first + len(found.records) - 1
        with box("div", "card list-card"):
            rows = [decision_row(decision, self.context.zone, found.final_outcomes) for decision in decisions]
            draw_table(rows, sort_of(self.search))
        with box("div", "paging"):
            total = (
                f"{found.total:,}+ decisions"
                if found.total == MAX_COUNTED
                else counted(found.total, "decision", "decisions")
            )
            Text("p", f"{first:,} to {last:,} of {total}", "note")
            self._draw_export(found.total)
            titles = BY_TIME if sort_of(self.search) is DecisionSort.NEWEST else BY_POSITION
            cursors = [None, *self.page.cursors]
            draw_page_buttons(cursors, found.next_cursor, self._open_page, where=_PATH, titles=titles)

    def _draw_export(self, total: int) -> None:
        if not self.context.actor(active=False).may(Permission.EXPORT_EVIDENCE):
            return
        if total > MAX_DECISIONS:
            Text("p", f"Evidence can be exported on at most {MAX_DECISIONS:,} decisions: add filters.", "note")
            return
        address = address_of_selection(self.search, self.zone.key)
        link = anchor(f"Export evidence ({total:,})", address, "button-secondary screen-only")
        link.props("download").mark("export-evidence")

    async def _open_page(self, cursors: list[str | None]) -> None:
        opened = cursors[-1]
        older = opened is not None and len(cursors) > len(self.page.cursors) + 1
        self.page = self.page.older(opened) if older and opened else self.page.newer
        await self._show_with_address()
        scroll_to(self.results)

    async def _remove_charted(self) -> None:
        self.search |= dict.fromkeys(("from", "to", "pd_from", "pd_to"))
        self.page = ListPage()
        await reporting_errors(self._show_with_address, where=_PATH)()

    def _draw_damaged_link(self) -> None:
        """Say that a period or PD, which no field shows, cannot be read; ignoring it would list too much."""
        self.results.clear()
        with self.results, box("div", "card empty-state"):
            icon("link_off", "empty-icon")
            Text("h2", "The period or PD in the address cannot be read")
            Text("p", "Open the link from the overview again.")
            anchor("Clear filters", _PATH, "button-secondary")

    def _draw_empty(self) -> None:
        filtered = any(self.search[name] for name in FILTER_NAMES)
        with box("div", "card empty-state"):
            icon("manage_search" if filtered else "inbox", "empty-icon")
            if filtered:
                Text("h2", "No decisions match")
                Text("p", "Try fewer filters.")
                anchor("Clear filters", _PATH, "button-secondary")
            else:
                Text("h2", "No decisions yet")
                Text("p", "Decisions made here or through the API are listed on this page.")
                if self.context.actor().may(Permission.ASSESS_APPLICATIONS):
                    anchor("New application", "/", "button-secondary")
