"""The list of referral cases: one's own, the queue and others, with changes that others make."""

from collections.abc import Mapping
from datetime import datetime

from nicegui import ui

from application.ports.cases.cases import CasePage
from application.ports.decisions.decision_archive import MAX_COUNTED, InvalidCursor
from domain.access.user import Permission
from entrypoints.ui.cases.case_rows import case_row, reason_texts
from entrypoints.ui.cases.case_search import (
    DUES,
    PATH,
    REQUESTED,
    REVIEWS,
    VIEWS,
    CaseSearch,
    InvalidCaseSearch,
    View,
)
from entrypoints.ui.cases.case_table import CaseTable
from entrypoints.ui.cases.next_case import NextCase
from entrypoints.ui.decisions.decision_search import ListPage
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.live import draw_keys, poll
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.paging import BY_POSITION, draw_page_buttons
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.time_zone import zone_label
from entrypoints.ui.shared.widgets import Text, anchor, box, icon, page_header, scroll_to

PAGE_SIZE = 25
_EMPTY: Mapping[View, tuple[str, str, str]] = {
    View.MINE: ("task_alt", "You hold no case", "Next case claims the most urgent one for you."),
    View.QUEUE: (
        "task_alt",
        "The queue is empty",
        "Referred applications are listed here until someone claims them.",
    ),
    View.SECOND_APPROVAL: (
        "how_to_reg",
        "Nothing awaits a second approval",
        "Proposals above the authority of their maker are listed here.",
    ),
    View.UNFINISHED: ("task_alt", "No unfinished case", "Every referred application has been decided."),
    View.QUALITY: (
        "fact_check",
        "No case waits for a quality review",
        "A share of the resolved cases is reviewed by a second person, who does not see the decision.",
    ),
    View.FINISHED: (
        "inventory_2",
        "No finished case yet",
        "Resolved, withdrawn and expired cases are listed here.",
    ),
}


def register(interface: Interface) -> None:
    """Register the page /cases."""
    add_page(interface, PATH, "Cases", _build, current=PATH)


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_ALL_DECISIONS)
    page = CaseList(context)
    works = actor.may(Permission.WORK_CASES)
    with page_header("Cases", f"Referred applications. Times are in {zone_label(context.zone)}."):
        if works:
            next_case = NextCase(context)
            next_case.draw()
    message = box("div", "case-message").props("aria-live=polite")
    if works:
        next_case.message = message
        draw_keys({"n": "next case"})
    page.draw_views()
    page.draw_filters()
    poll(page.refresh, where=PATH)
    page.draw_results()
    await page.show()


class CaseList:
    """The search, its current page, and the table."""

    empty: Section[str]
    card: ui.element
    table: CaseTable
    paging: Section[tuple[int, int, str | None]]

    def __init__(self, context: PageContext) -> None:
        self.context = context
        query = context.request.query_params
        self.search = CaseSearch.of(query, context.actor())
        self.page = ListPage.of(query.get("page"), query.getlist("cursor"))
        self.reasons = reason_texts(context.use_cases.read_policy_in_force())
        self.inputs: dict[str, ui.input | ui.select] = {}
        self.latest_request = 0

    def draw_views(self) -> None:
        """Draw the links to the lists of cases."""
        works = self.context.actor().may(Permission.WORK_CASES)
        with box("nav", "list-tabs").props('aria-label="Lists of cases"'):
            for view, title in VIEWS.items():
                if view is View.MINE and not works:
                    continue
                link = anchor(title, CaseSearch(view, {}).address(), "list-tab")
                if view is self.search.view:
                    link.props("aria-current=page")

    def draw_filters(self) -> None:
        """Draw the filters; each applies immediately."""
        with box("form", "list-filters card").props("role=search novalidate").on("submit.prevent", lambda: None):
            states = {
                state.value: text for state, text in labels.CASE_STATES.items() if state in self.search.states
            }
            if len(states) > 1:
                self._field("state", ui.select({"": "All"} | states, label="State"))
            if self.search.view is View.QUALITY:
                reviews = {review.value: text for review, text in REVIEWS.items()}
                self._field("review", ui.select(reviews, label="Review"), next(iter(reviews)))
            if self.search.view in {View.SECOND_APPROVAL, View.UNFINISHED}:
                self._field("assignee", ui.input("Held by", placeholder="Username"))
            if self.search.view not in {View.FINISHED, View.QUALITY}:
                dues = {due.value: text for due, text in DUES.items()}
                self._field("due", ui.select({"": "Any time"} | dues, label="Due"))
            self._field("minimum", ui.input("Min. amount", prefix="$").props("inputmode=decimal"))
            self._field("maximum", ui.input("Max. amount", prefix="$").props("inputmode=decimal"))
            given = self.search.entered["reason"] or ""
            reasons = (
                {"": "All"} | dict(self.reasons) | ({} if given in self.reasons or not given else {given: given})
            )
            self._field("reason", ui.select(reasons, label="Reason"))
            requests = {"": "All cases", REQUESTED: "Applicant's requests"}
            self._field("request", ui.select(requests, label="Request"))

    def _field(self, name: str, element: ui.input | ui.select, usual: str = "") -> None:
        entered = self.search.entered[name] or usual
        known = not isinstance(element, ui.select) or entered in element.options
        element.value = entered if known else usual
        element.props("outlined dense stack-label hide-bottom-space options-dense debounce=300 maxlength=128")
        element.mark(f"search-{name}")
        self.inputs[name] = element

        async def changed() -> None:
            self.search = CaseSearch(self.search.view, {**self.search.entered, name: element.value})
            self.page = ListPage()
            await reporting_errors(self._show_with_address, where=PATH)()

        element.on_value_change(changed)

    async def refresh(self, active: bool) -> None:
        """Show what others changed; the filters and the page stay."""
        self.context.actor(active=active)
        await self.show()
        await self.context.show_counts(changed=False)

    async def _show_with_address(self) -> None:
        ui.navigate.history.replace(address(self.search.address(self.page)))
        await self.show()

    async def show(self) -> None:
        """Load the current page, and redraw what changed; the response to an outdated request is dropped."""
        self.latest_request += 1
        request = self.latest_request
        actor, now = self.context.actor(active=False), self.context.use_cases.clock.now()
        try:
            wanted = self.search.filter(actor, now, self.context.zone)
        except InvalidCaseSearch as error:
            self._show_errors(error.errors)
            return
        self._show_errors({})
        list_cases = self.context.use_cases.cases.list_cases
        try:
            found = await list_cases(wanted, by=actor, limit=PAGE_SIZE, cursor=self.page.cursor)
        except InvalidCursor:
            self.page = ListPage()
            found = await list_cases(wanted, by=actor, limit=PAGE_SIZE)
        if request == self.latest_request:
            self._draw(found, now, actor.name)

    def _show_errors(self, errors: Mapping[str, str]) -> None:
        for name, element in self.inputs.items():
            element.error = errors.get(name)

    def draw_results(self) -> None:
        """Draw the place of the list, which `show` fills."""
        with box("div", "results case-list"):
            self.empty = Section(box("div"), self._draw_empty)
            self.card = box("div", "card list-card")
            self.card.visible = False
            with self.card:
                self.table = CaseTable(VIEWS[self.search.view])
            self.paging = Section(box("div", "paging"), self._draw_paging)

    def _draw(self, found: CasePage, now: datetime, viewer: str) -> None:
        self.empty.show("" if found.cases else "filtered" if self.search.filtered else "empty")
        self.card.visible = bool(found.cases)
        zone = self.context.zone
        rows = [case_row(case, now=now, viewer=viewer, reasons=self.reasons, zone=zone) for case in found.cases]
        self.table.show(rows)
        self.paging.show((len(found.cases), found.total, found.next_cursor))

    def _draw_paging(self, shown: tuple[int, int, str | None]) -> None:
        count, matching, next_cursor = shown
        if not count:
            return
        first = PAGE_SIZE * (self.page.number - 1) + 1
        total = f"{matching:,}+ cases" if matching == MAX_COUNTED else counted(matching, "case", "cases")
        Text("p", f"{first:,} to {first + count - 1:,} of {total}", "note")
        cursors = [None, *self.page.cursors]
        draw_page_buttons(cursors, next_cursor, self._open_page, where=PATH, titles=BY_POSITION)

    async def _open_page(self, cursors: list[str | None]) -> None:
        opened = cursors[-1]
        older = opened is not None and len(cursors) > len(self.page.cursors) + 1
        self.page = self.page.older(opened) if older and opened else self.page.newer
        await self._show_with_address()
        scroll_to(self.card)

    def _draw_empty(self, kind: str) -> None:
        if not kind:
            return
        icon_name, title, text = _EMPTY[self.search.view]
        with box("div", "card empty-state"):
            icon("manage_search" if kind == "filtered" else icon_name, "empty-icon")
            if kind == "filtered":
                Text("h2", "No cases match")
                Text("p", "Try fewer filters.")
                anchor("Clear filters", CaseSearch(self.search.view, {}).address(), "button-secondary")
            else:
                Text("h2", title)
                Text("p", text)
