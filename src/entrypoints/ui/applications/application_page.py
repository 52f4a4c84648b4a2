"""The page of a loan application: its state, the offer, and what was decided and done, newest first."""

from uuid import UUID

from nicegui import ui

from application.use_cases.applications.read_applications import ApplicationNotFound
from domain.access.user import Permission
from domain.applications.application_state import ApplicationState
from entrypoints.ui.applications.application_changes import ApplicationChanges
from entrypoints.ui.applications.application_timeline import TimelineEntry
from entrypoints.ui.applications.application_view import ApplicationView, application_view
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
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
    page.content = box("div", "application-page").props("aria-live=polite")
    page.changes = ApplicationChanges(context, application_id, page.show)
    await page.show()


class ApplicationPage:
    """The application as last loaded."""

    content: ui.element
    identifier: Text
    changes: ApplicationChanges

    def __init__(self, context: PageContext, application_id: UUID) -> None:
        self.context = context
        self.application_id = application_id

    async def show(self) -> None:
        """Load and draw the application."""
        actor = self.context.actor()
        chain = await self.context.use_cases.applications.read(self.application_id, by=actor)
        internal = actor.may(Permission.READ_ALL_DECISIONS)
        view = application_view(chain, self.context.zone, internal=internal)
        self.identifier.text = view.application_id
        self.content.clear()
        with self.content:
            self._draw(view)

    def _draw(self, view: ApplicationView) -> None:
        with box("section", f"state-panel state-{view.style}").props('aria-label="State"'):
            chip(view.state_label, view.style, view.icon_name)
            if view.synthetic:
                synthetic_mark()
            Text("p", view.meaning, "state-meaning")
            self._draw_actions(view)
        with box("div", "application-layout"):
            with card("What happened", note="Newest first"), box("ol", "timeline"):
                for entry in view.timeline:
                    _draw_entry(entry)
            with box("div", "layout-column"):
                if view.offer is not None:
                    _draw_offer(view)
                with card("Application"), box("dl", "definitions"):
                    definition("Requested", view.request)
                    for label, text in view.facts:
                        definition(label, text)

    def _draw_actions(self, view: ApplicationView) -> None:
        if not self.context.actor(active=False).may(Permission.CHANGE_APPLICATIONS):
            return
        with box("div", "batch-actions screen-only"):
            if view.state.can_be_accepted and view.offer is not None:
                accept = ui.button("Record acceptance", on_click=self.changes.accepting(view.offer))
                accept.props("unelevated no-caps icon=handshake").classes("button-primary").mark("accept")
            if view.state.can_be_withdrawn:
                withdraw = ui.button("Withdraw application", on_click=self.changes.withdrawing(view.state))
                withdraw.props("flat no-caps icon=undo").classes("button-text").mark("withdraw")


def _draw_offer(view: ApplicationView) -> None:
    offer = view.offer
    if offer is None:
        return
    with card("Offer"), box("dl", "definitions"):
        definition("Amount", offer.amount)
        definition("Term", offer.term)
        definition("Annual rate", offer.annual_rate)
        if view.state.can_be_accepted or view.state is ApplicationState.EXPIRED:
            definition("Expired" if view.state is ApplicationState.EXPIRED else "Expires", offer.expires.both)


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
