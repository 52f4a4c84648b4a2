"""Who is logged in on a connection, which live pages are theirs, and that nothing else reaches NiceGUI.

NiceGUI keeps a page's state on the server as a `Client`, found by an identifier that the browser holds. The
identifier is no secret worth relying on: whoever names it must also come with the session that opened the page.
"""

from collections.abc import Callable
from typing import cast

from nicegui import Client, app
from nicegui.storage import RequestTrackingMiddleware, request_contextvar
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from domain.access.user import Actor
from entrypoints.ui.plain_pages import not_found_page
from entrypoints.ui.sessions import Sessions, log_in_address


def actor_of(sessions: Sessions, connection: HTTPConnection) -> Actor | None:
    """Who is logged in on a request, a WebSocket or a live page's request; None where no session is loaded."""
    if session_id(connection) not in app.storage._users:
        return None
    request = cast("Request", connection)  # of which sessions use what every connection has
    token = request_contextvar.set(request)
    try:
        return sessions.actor(request)
    finally:
        request_contextvar.reset(token)


def session_id(connection: HTTPConnection) -> str | None:
    """NiceGUI's identifier of the browser session, from the signed cookie; there is none before log-in."""
    identifier = connection.session.get("id")
    return identifier if isinstance(identifier, str) else None


def owned_page(sessions: Sessions, client_id: object, connection: HTTPConnection) -> Client | None:
    """The live page with this identifier, if this connection's session opened it and has not ended."""
    page = Client.instances.get(client_id) if isinstance(client_id, str) else None
    if page is None or session_id(page.request) != session_id(connection):
        return None
    both = actor_of(sessions, page.request), actor_of(sessions, connection)
    return page if all(actor is not None for actor in both) else None


async def with_session(request: Request, answer: RequestResponseEndpoint) -> Response:
    """Answer with the browser's storage at hand outside of NiceGUI's application; begins a session if needed."""
    return await RequestTrackingMiddleware(app).dispatch(request, answer)


class LogInRequired:
    """ASGI middleware that lets nobody through who is not logged in, by a rule that is given.

    Before NiceGUI's own middleware the rule is that there is a session at all, so that a visitor without one
    leaves no trace in memory; behind it, that somebody is logged in with it.
    """

    def __init__(self, app: ASGIApp, *, is_logged_in: Callable[[HTTPConnection], bool], version: str) -> None:
        self._app = app
        self._is_logged_in = is_logged_in
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with the way to log in."""
        if scope["type"] == "lifespan" or self._is_logged_in(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        reads = request.method in {"GET", "HEAD"}
        if not reads or request.scope["path"].startswith("/_nicegui"):
            return PlainTextResponse("Authentication required. Log in first.", status_code=401)
        if any(route.matches(request.scope)[0] is not Match.NONE for route in app.routes):
            return RedirectResponse(log_in_address(request), status_code=303)
        return not_found_page(self._version)
