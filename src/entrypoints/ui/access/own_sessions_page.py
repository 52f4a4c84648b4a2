"""The user's own sessions in the web interface."""

from nicegui import ui

from entrypoints.ui.access.session_table import draw_sessions
from entrypoints.ui.access.sessions import ACCOUNT
from entrypoints.ui.access.user_view import session_view
from entrypoints.ui.http.socket_guard import close_ended_pages
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.time_zone import Moment, zone_label
from entrypoints.ui.shared.widgets import Text, box, card, page_header

PATH = "/sessions"


def register(interface: Interface) -> None:
    """Register the page /sessions."""
    add_page(interface, PATH, "Your sessions", _build)


async def _build(context: PageContext) -> None:
    own = context.interface.sessions.session(context.request)
    with page_header("Your sessions", f"Times are in {zone_label(context.zone)}."):
        change = box("a", "button-secondary")
        change.props["href"] = address(ACCOUNT)
        with change:
            Text("span", "Change password")
    content = box("div", "results")

    async def show() -> None:
        actor = context.actor()
        sessions = await context.use_cases.user_administration.sessions(actor.name, by=actor)
        content.clear()
        with content, card("Open sessions", "narrow", note=_advice(context)):
            views = [session_view(each, context.zone, current=own.id if own else None) for each in sessions]
            draw_sessions(views, end, where=PATH)

    async def end(session_id: bytes) -> None:
        actor = context.actor()
        await context.use_cases.user_administration.end_session(actor.name, session_id, by=actor)
        await close_ended_pages(context.interface.sessions)
        ui.notify("Session ended", type="positive", position="top", timeout=1500)
        await show()

    await show()


def _advice(context: PageContext) -> str:
    session = context.interface.sessions.session(context.request)
    advice = "If you do not know one of them, end it and change your password."
    if session is None or session.previous_login_at is None:
        return advice
    return (
        f"Your last login before this one was {Moment.of(session.previous_login_at, context.zone).local}. {advice}"
    )
