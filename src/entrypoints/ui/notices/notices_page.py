"""The list of notices: due, overdue, issued, delivered and cancelled, with changes that others make."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from nicegui import ui

from application.ports.decisions.decision_archive import MAX_COUNTED, InvalidCursor
from application.ports.notices.notices import NoticePage
from domain.access.user import Permission
from entrypoints.ui.decisions.decision_search import ListPage
from entrypoints.ui.notices.next_notice import NextNotice
from entrypoints.ui.notices.notice_rows import notice_row
from entrypoints.ui.notices.notice_search import PATH, VIEWS, WAITING, WITHIN, NoticeSearch, View
from entrypoints.ui.notices.notice_table import NoticeTable
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
    View.DUE: (
        "task_alt",
        "No notice is due",
        "Declines, counter-offers and requests for information make one due.",
    ),
    View.OVERDUE: ("task_alt", "No notice is overdue", "Every notice was sent in time, or still can be."),
    View.ISSUED: (
        "drafts",
        "No letter waits for delivery",
        "Issued letters are listed here until their delivery is recorded.",
    ),
    View.DELIVERED: ("mark_email_read", "No delivered notice yet", "Letters that were sent are listed here."),
    View.CANCELLED: (
        "block",
        "No cancelled notice",
        "Notices that were no longer owed before they were issued are listed here.",
    ),
}


def register(interface: Interface) -> None:
    """Register the page /notices."""
    add_page(interface, PATH, "Notices", _build, current=PATH)


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_DECISIONS)
    page = NoticeList(context)
    issues = actor.may(Permission.ISSUE_NOTICES)
    note = f"Letters to applicants. Days are those of the lender, {zone_label(context.interface.lender_zone)}."
    with page_header("Notices", note):
        if issues:
            next_notice = NextNotice(context)
            next_notice.draw()
    if issues:
        next_notice.message = box("div", "case-message").props("aria-live=polite")
        draw_keys({"n": "next notice"})
    page.draw_views()
    page.draw_filters()
    poll(page.refresh, where=PATH)
    page.draw_results()
    await page.show()


class NoticeList:
    """The search, its current page, and the table."""

    empty: Section[str]
    card: ui.element
    table: NoticeTable
    paging: Section[tuple[int, int, str | None]]

    def __init__(self, context: PageContext) -> None:
        self.context = context
        query = context.request.query_params
        self.search = NoticeSearch.of(query)
        self.page = ListPage.of(query.get("page"), query.getlist("cursor"))
        self.counts: dict[View, Section[int]] = {}
        self.latest_request = 0

    def draw_views(self) -> None:
        """Draw the links to the lists of notices, with how many are in each."""
        with box("nav", "list-tabs").props('aria-label="Lists of notices"'):
            for view, title in VIEWS.items():
                link = anchor("", NoticeSearch(view, dict.fromkeys(self.search.entered, "")).address(), "list-tab")
                with link:
                    Text("span", title)
                    self.counts[view] = Section(box("span", f"tab-count tab-{view.value}"), _draw_count)
                if view is self.search.view:
                    link.props("aria-current=page")

    def draw_filters(self) -> None:
        """Draw the filters; each applies immediately."""
        with box("form", "list-filters card").props("role=search novalidate").on("submit.prevent", lambda: None):
            kinds = {kind.value: text for kind, text in labels.NOTICE_KINDS.items()}
            self._field("kind", ui.select({"": "All"} | kinds, label="Notice"))
            if self.search.view in WAITING - {View.OVERDUE}:
                self._field("within", ui.select({"": "Any time"} | dict(WITHIN), label="Due within"))

    def _field(self, name: str, element: ui.select) -> None:
        element.value = self.search.entered[name]
        element.props("outlined dense stack-label hide-bottom-space options-dense").mark(f"search-{name}")

        async def changed() -> None:
            self.search = NoticeSearch(self.search.view, {**self.search.entered, name: element.value or ""})
            self.page = ListPage()
            await reporting_errors(self._show_with_address, where=PATH)()

        element.on_value_change(changed)

    async def refresh(self, active: bool) -> None:
        """Show what others changed; the filters and the page stay."""
        self.context.actor(active=active)
        await self.show(WAITING)
        await self.context.show_counts(changed=False)

    async def _show_with_address(self) -> None:
        ui.navigate.history.replace(address(self.search.address(self.page)))
        await self.show()

    async def show(self, of_lists: Iterable[View] = View) -> None:
        """Load the current page, and redraw what changed; the response to an outdated request is dropped.

        All lists are counted anew, or only `of_lists`.
        """
        self.latest_request += 1
        request = self.latest_request
        actor, now = self.context.actor(active=False), self.context.use_cases.clock.now()
        list_notices, wanted = self.context.use_cases.notices.list_notices, self.search.filter(now)
        try:
            found = await list_notices(wanted, by=actor, limit=PAGE_SIZE, cursor=self.page.cursor)
        except InvalidCursor:
            self.page = ListPage()
            found = await list_notices(wanted, by=actor, limit=PAGE_SIZE)
        totals = {}
        for view in of_lists:
            everything = NoticeSearch(view, dict.fromkeys(self.search.entered, "")).filter(now)
            totals[view] = (await list_notices(everything, by=actor, limit=1)).total
        if request == self.latest_request:
            self._draw(found, totals, now)

    def draw_results(self) -> None:
        """Draw the place of the list, which `show` fills."""
        with box("div", "results case-list"):
            self.empty = Section(box("div"), self._draw_empty)
            self.card = box("div", "card list-card")
            self.card.visible = False
            with self.card:
                self.table = NoticeTable(VIEWS[self.search.view])
            self.paging = Section(box("div", "paging"), self._draw_paging)

    def _draw(self, found: NoticePage, totals: Mapping[View, int], now: datetime) -> None:
        for view, total in totals.items():
            self.counts[view].show(total)
        self.empty.show("" if found.notices else "filtered" if self.search.filtered else "empty")
        self.card.visible = bool(found.notices)
        zone, lender_zone = self.context.zone, self.context.interface.lender_zone
        self.table.show([notice_row(each, now=now, lender_zone=lender_zone, zone=zone) for each in found.notices])
        self.paging.show((len(found.notices), found.total, found.next_cursor))

    def _draw_paging(self, shown: tuple[int, int, str | None]) -> None:
        count, matching, next_cursor = shown
        if not count:
            return
        first = PAGE_SIZE * (self.page.number - 1) + 1
        total = f"{matching:,}+ notices" if matching == MAX_COUNTED else counted(matching, "notice", "notices")
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
                Text("h2", "No notices match")
                Text("p", "Try fewer filters.")
                anchor("Clear filters", NoticeSearch.of({"view": self.search.view}).address(), "button-secondary")
            else:
                Text("h2", title)
                Text("p", text)


def _draw_count(total: int) -> None:
    count = Text("span", f"{total:,}+" if total == MAX_COUNTED else f"{total:,}")
    count.props(f"data-count={total}")
