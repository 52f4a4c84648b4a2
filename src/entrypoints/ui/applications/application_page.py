"""The page of a loan application: its state, the offer, and what was decided and done, newest first."""

from uuid import UUID

from nicegui import ui

from application.ports.notices.notices import NoticeFilter
from application.use_cases.applications.read_applications import ApplicationNotFound
from domain.access.user import Permission
from domain.applications.application_state import ApplicationState
from entrypoints.ui.applications.applicant_access import ApplicantAccess
from entrypoints.ui.applications.application_changes import ApplicationChanges
from entrypoints.ui.applications.application_timeline import TimelineEntry
from entrypoints.ui.applications.application_view import ApplicationView, OfferView, application_view
from entrypoints.ui.notices.notice_card import draw_notice_lines, read_notice_lines
from entrypoints.ui.outcomes.loan_card import LoanCard
from entrypoints.ui.shared.live import poll
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.widgets import (
    Text,
    anchor,
    box,
    card,
    chip,
    definition,
    icon,
    page_header,
    synthetic_mark,
)

PATH = "/applications/{application_id}"
_POLL_SECONDS = 10


def register(interface: Interface) -> None:
    """Register the page of an application."""
    add_page(interface, PATH, "Application", _build, current="/applications")


async def _build(context: PageContext) -> None:
    identifier = context.request.path_params["application_id"]
    try:
        application_id = UUID(identifier)
    except ValueError as error:
        raise ApplicationNotFound(f"there is no application {identifier[:40]}") from error
    page = ApplicationPage(context, application_id)
    with page_header("Application"):
        page.identifier = Text("code", str(application_id), "identifier")
        anchor("All applications", "/applications", "button-secondary screen-only")
    poll(page.follow, where=PATH, seconds=_POLL_SECONDS)
    page.changes = ApplicationChanges(context, application_id, page.show)
    page.draw()
    await page.show()


class ApplicationPage:
    """The application as last loaded. Each part is redrawn where it changed."""

    identifier: Text
    changes: ApplicationChanges

    def __init__(self, context: PageContext, application_id: UUID) -> None:
        self.context = context
        self.application_id = application_id

    def draw(self) -> None:
        """Draw the places of the parts, which `show` fills."""
        with box("div", "application-page").props("aria-live=polite"):
            self.state = Section(box("div"), self._draw_state)
            with box("div", "application-layout"):
                self.timeline = Section(box("div"), _draw_timeline)
                with box("div", "layout-column"):
                    self.notices = Section(box("div"), draw_notice_lines)
                    self.loan = LoanCard(self.context, self.application_id, self.show)
                    self.offer = Section(box("div"), _draw_offer)
                    self.facts = Section(box("div"), _draw_facts)
                    self.access = ApplicantAccess(self.context, self.application_id)
                    self.access.draw()

    async def follow(self, active: bool) -> None:
        """Show what others changed."""
        self.context.actor(active=active)
        await self.show()
        await self.context.show_counts(changed=False)

    async def show(self) -> None:
        """Load the application, and redraw what changed."""
        actor = self.context.actor(active=False)
        chain = await self.context.use_cases.applications.read(self.application_id, by=actor)
        internal = actor.may(Permission.READ_ALL_DECISIONS)
        view = application_view(chain, self.context.zone, internal=internal)
        self.identifier.text = view.application_id
        self.state.show(view)
        self.timeline.show(view.timeline)
        of_application = NoticeFilter(application_id=chain.present.life.application_id)
        self.notices.show(await read_notice_lines(of_application, self.context))
        self.offer.show((view.offer, view.state))
        if view.state is ApplicationState.ACCEPTED:
            await self.loan.show()
        self.facts.show((("Requested", view.request), *view.facts))
        await self.access.show()

    def _draw_state(self, view: ApplicationView) -> None:
        with box("section", f"state-panel state-{view.style}").props('aria-label="State"'):
            chip(view.state_label, view.style, view.icon_name)
            if view.synthetic:
                synthetic_mark()
            Text("p", view.meaning, "state-meaning")
            self._draw_actions(view)

    def _draw_actions(self, view: ApplicationView) -> None:
        if not self.context.actor(active=False).may(Permission.CHANGE_APPLICATIONS):
            return
        with box("div", "batch-actions screen-only"):
            if view.state.can_be_accepted and view.offer is not None:
                accept = ui.button("Record acceptance", on_click=self.changes.accepting(view.offer))
                accept.props("unelevated no-caps icon=handshake").classes("button-primary").mark("accept").props(
                    "data-focus=accept"
                )
            if view.state.can_be_withdrawn:
                withdraw = ui.button("Withdraw application", on_click=self.changes.withdrawing(view.state))
                withdraw.props("flat no-caps icon=undo").classes("button-text").mark("withdraw").props(
                    "data-focus=withdraw"
                )


def _draw_timeline(entries: tuple[TimelineEntry, ...]) -> None:
    with card("What happened", note="Newest first"), box("ol", "timeline"):
        for entry in entries:
            _draw_entry(entry)


def _draw_offer(shown: tuple[OfferView | None, ApplicationState]) -> None:
    offer, state = shown
    if offer is None:
        return
    with card("Offer"), box("dl", "definitions"):
        definition("Amount", offer.amount)
        definition("Term", offer.term)
        definition("Annual rate", offer.annual_rate)
        if state.can_be_accepted or state is ApplicationState.EXPIRED:
            definition("Expired" if state is ApplicationState.EXPIRED else "Expires", offer.expires.both)


def _draw_facts(facts: tuple[tuple[str, str], ...]) -> None:
    with card("Application"), box("dl", "definitions"):
        for label, text in facts:
            definition(label, text)


def _draw_entry(entry: TimelineEntry) -> None:
    with box("li"):
        icon(entry.icon_name)
        with box("div", "timeline-head"):
            Text("span", entry.title, "strong")
            at = Text("span", entry.at.local, "timeline-detail")
            at.props["title"] = entry.at.utc
        if entry.text:
            Text("p", entry.text, "timeline-text")
        for detail in entry.details:
            Text("p", detail, "timeline-detail")
        if entry.href:
            anchor(entry.link, entry.href, "screen-only")
