"""The list of recorded decisions, newest first. Filters apply immediately and are kept in the address."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionPage
from application.use_cases.decisions.read_decisions import ListDecisions
from application.use_cases.products.read_product_of import Described
from domain.access.user import Permission
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.outcome import Outcome
from entrypoints.ui.decisions.decision_list import (
    SEARCH_NAMES,
    InvalidSearch,
    address_of,
    decision_row,
    filter_from,
)
from entrypoints.ui.decisions.decision_table import draw_table
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.labels import OUTCOMES
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.paging import draw_page_buttons
from entrypoints.ui.shared.widgets import Text, anchor, box, icon, page_header, scroll_to

PAGE_SIZE = 25


def register(interface: Interface) -> None:
    """Register the page /decisions."""
    add_page(interface, "/decisions", "Decisions", _build, current="/decisions")


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_DECISIONS)
    decisions = DecisionList(context)
    scope = "All decisions" if actor.may(Permission.READ_ALL_DECISIONS) else "Decisions you requested"
    with page_header("Decisions", f"{scope}, newest first."):
        if actor.may(Permission.ASSESS_APPLICATIONS):
            anchor("New application", "/", "button-secondary screen-only")
    decisions.draw_search()
    decisions.results = box("div", "results").props("aria-live=polite")
    await decisions.show()


class DecisionList:
    """The filters, the current page of results, and the cursors of the pages before it."""

    results: ui.element

    def __init__(self, context: PageContext) -> None:
        self.context = context
        query = context.request.query_params
        self.search: dict[str, str | None] = {name: query.get(name) for name in SEARCH_NAMES}
        self.inputs: dict[str, ui.input | ui.select] = {}
        self.cursors: list[str | None] = [None]
        self.latest_request = 0

    @property
    def list_decisions(self) -> ListDecisions:
        return self.context.use_cases.list_decisions

    def draw_search(self) -> None:
        """Draw the filters; each applies immediately."""
        with box("form", "search card").props("role=search novalidate").on("submit.prevent", lambda: None):
            has_purpose = self.context.use_cases.read_product_in_force().purpose is not None
            searched = "Decision ID, user or purpose" if has_purpose else "Decision ID or user"
            self._field("text", ui.input("Search", placeholder=searched), "search-text")
            outcomes = {"": "All"} | {outcome.value: OUTCOMES[outcome] for outcome in Outcome}
            self._field("outcome", ui.select(outcomes, label="Outcome", value=""), "search-outcome")
            self._field("since", ui.input("From date").props("type=date"), "")
            self._field("until", ui.input("To date").props("type=date"), "")
            self._field("minimum", ui.input("Min. amount", prefix="$").props("inputmode=decimal"), "")
            self._field("maximum", ui.input("Max. amount", prefix="$").props("inputmode=decimal"), "")

    def _field(self, name: str, element: ui.input | ui.select, classes: str) -> None:
        element.value = self.search[name] or ""
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=100")
        element.classes(classes).mark(f"search-{name}")
        self.inputs[name] = element

        async def apply_filter() -> None:
            self.search[name] = element.value
            self.cursors = [None]
            ui.navigate.history.replace(address_of(self.search))
            await self.show()

        element.on_value_change(reporting_errors(apply_filter, where="/decisions"))

    async def show(self) -> None:
        """Load and draw the page at the last cursor; the response to an outdated request is dropped."""
        self.latest_request += 1
        request = self.latest_request
        errors: Mapping[str, str] = {}
        try:
            decision_filter = filter_from(self.search)
        except InvalidSearch as error:
            errors = error.errors
        for name, element in self.inputs.items():
            element.error = errors.get(name)
        if errors:
            return
        page = await self.list_decisions(
            decision_filter, by=self.context.actor(), limit=PAGE_SIZE, cursor=self.cursors[-1]
        )
        decisions = await self.context.use_cases.read_product_of.for_each(page.records)
        if request == self.latest_request:
            self.results.clear()
            with self.results:
                self._draw(page, decisions)

    def _draw(self, page: DecisionPage, decisions: Sequence[Described | UnreadableDecision]) -> None:
        if not page.records:
            self._draw_empty()
            return
        first = PAGE_SIZE * (len(self.cursors) - 1) + 1
        last = first + len(page.records) - 1
        with box("div", "card list-card"):
            draw_table([decision_row(decision) for decision in decisions])
        with box("div", "paging"):
            total = (
                f"{page.total:,}+ decisions"
                if page.total == MAX_COUNTED
                else counted(page.total, "decision", "decisions")
            )
            Text("p", f"{first:,} to {last:,} of {total}", "note")
            draw_page_buttons(self.cursors, page.next_cursor, self._open_page, where="/decisions")

    async def _open_page(self, cursors: list[str | None]) -> None:
        self.cursors = cursors
        await self.show()
        scroll_to(self.results)

    def _draw_empty(self) -> None:
        filtered = any(self.search.values())
        with box("div", "card empty-state"):
            icon("manage_search" if filtered else "inbox", "empty-icon")
            if filtered:
                Text("h2", "No decisions match")
                Text("p", "Try fewer filters.")
                anchor("Clear filters", "/decisions", "button-secondary")
            else:
                Text("h2", "No decisions yet")
                Text("p", "Decisions made here or through the API are listed on this page.")
                if self.context.actor().may(Permission.ASSESS_APPLICATIONS):
                    anchor("New application", "/", "button-secondary")
