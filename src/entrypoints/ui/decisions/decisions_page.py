"""The decisions on record: newest first, searched in place, the address keeping what was searched for."""

from nicegui import ui

from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionPage
from application.use_cases.decisions.read_decisions import ListDecisions
from domain.access.user import Permission
from domain.policies.outcome import Outcome
from entrypoints.ui.decisions.decision_list import (
    SEARCH_NAMES,
    InvalidSearch,
    address_of,
    decision_row,
    filter_from,
)
from entrypoints.ui.decisions.decision_table import draw_table
from entrypoints.ui.shared.error_messages import telling_faults
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.labels import OUTCOMES
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Words, anchor, box, icon, page_head, scroll_to

A_PAGE = 25


def register(interface: Interface) -> None:
    """The page /decisions."""
    add_page(interface, "/decisions", "Decisions", _build, here="/decisions")


async def _build(visit: PageContext) -> None:
    actor = visit.actor()
    actor.must(Permission.READ_DECISIONS)
    found = DecisionList(visit)
    which = (
        "Every decision" if actor.may(Permission.READ_ALL_DECISIONS) else "Every decision you asked for that is"
    )
    with page_head("Decisions", f"{which} on record, newest first."):
        if actor.may(Permission.ASSESS_APPLICATIONS):
            anchor("New application", "/", "button-like screen-only")
    found.draw_search()
    found.results = box("div", "results").props("aria-live=polite")
    await found.show()


class DecisionList:
    """The search, the page of results shown, and the cursors of the pages before it."""

    results: ui.element

    def __init__(self, visit: PageContext) -> None:
        self.visit = visit
        query = visit.request.query_params
        self.search: dict[str, str | None] = {name: query.get(name) for name in SEARCH_NAMES}
        self.inputs: dict[str, ui.input | ui.select] = {}
        self.cursors: list[str | None] = [None]
        self.asked = 0

    @property
    def list_decisions(self) -> ListDecisions:
        """The use case behind the page."""
        return self.visit.use_cases.list_decisions

    def draw_search(self) -> None:
        """The fields to search by; each narrows at once."""
        with box("form", "search card").props("role=search novalidate").on("submit.prevent", lambda: None):
            self._field("text", ui.input("Search", placeholder="Decision id, user or purpose"), "search-text")
            outcomes = {"": "All"} | {outcome.value: OUTCOMES[outcome] for outcome in Outcome}
            self._field("outcome", ui.select(outcomes, label="Outcome", value=""), "search-outcome")
            self._field("since", ui.input("From").props("type=date"), "")
            self._field("until", ui.input("To").props("type=date"), "")
            self._field("minimum", ui.input("Amount from", prefix="$").props("inputmode=decimal"), "")
            self._field("maximum", ui.input("Amount to", prefix="$").props("inputmode=decimal"), "")

    def _field(self, name: str, element: ui.input | ui.select, classes: str) -> None:
        element.value = self.search[name] or ""
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=100")
        element.classes(classes).mark(f"search-{name}")
        self.inputs[name] = element

        async def narrow() -> None:
            self.search[name] = element.value
            self.cursors = [None]
            ui.navigate.history.replace(address_of(self.search))
            await self.show()

        element.on_value_change(telling_faults(narrow, where="/decisions"))

    async def show(self) -> None:
        """Ask for the page the last cursor leads to, and draw it; a later question overtakes an earlier answer."""
        self.asked += 1
        question = self.asked
        faults: dict[str, str] = {}
        try:
            wanted = filter_from(self.search)
        except InvalidSearch as fault:
            faults = dict(fault.faults)
        for name, element in self.inputs.items():
            element.error = faults.get(name)
        if faults:
            return
        page = await self.list_decisions(wanted, by=self.visit.actor(), limit=A_PAGE, cursor=self.cursors[-1])
        if question == self.asked:
            self.results.clear()
            with self.results:
                self._draw(page)

    def _draw(self, page: DecisionPage) -> None:
        if not page.records:
            self._draw_nothing()
            return
        first = A_PAGE * (len(self.cursors) - 1) + 1
        last = first + len(page.records) - 1
        with box("div", "card list-card"):
            draw_table([decision_row(record) for record in page.records])
        with box("div", "paging"):
            many = "or more decisions" if page.total == MAX_COUNTED else "decisions"
            total = counted(page.total, "decision", many)
            Words("p", f"{first:,} to {last:,} of {total}", "note")
            self._turn("Newer", "chevron_left", len(self.cursors) > 1, self.cursors[:-1])
            self._turn("Older", "chevron_right", page.next_cursor is not None, [*self.cursors, page.next_cursor])

    def _turn(self, title: str, sign: str, possible: bool, cursors: list[str | None]) -> None:
        async def turn() -> None:
            self.cursors = cursors
            await self.show()
            scroll_to(self.results)

        button = ui.button(title, on_click=telling_faults(turn, where="/decisions")).props(
            f"flat no-caps icon={sign}"
        )
        button.classes("quiet")
        button.enabled = possible

    def _draw_nothing(self) -> None:
        searched = any(self.search.values())
        with box("div", "card nothing"):
            icon("manage_search" if searched else "inbox", "nothing-sign")
            if searched:
                Words("h2", "No decision matches")
                Words("p", "Search for less, or widen the dates and amounts.")
                anchor("Show all decisions", "/decisions", "button-like")
            else:
                Words("h2", "No decisions yet")
                Words("p", "Each application that is assessed, here or through the API, is listed on this page.")
                if self.visit.actor().may(Permission.ASSESS_APPLICATIONS):
                    anchor("Enter the first application", "/", "button-like")
