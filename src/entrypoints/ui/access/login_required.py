"""Requires a session for every NiceGUI request, and ties each live page to the session that opened it.

NiceGUI keeps a page's state on the server as a `Client`, found by an identifier that the browser holds. The
identifier is not treated as a secret: a request that names it must carry the session that opened the page.
"""

from nicegui import Client, app
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from domain.access.user import Actor
from entrypoints.ui.access.plain_pages import not_found_page, rejected_page
from entrypoints.ui.access.sessions import Sessions, log_in_address, session_key
from entrypoints.ui.http.page_limits import make_room_for_page


def actor_of(sessions: Sessions, connection: HTTPConnection) -> Actor | None:
    """The logged-in user of a request, WebSocket or live page; does not extend the session."""
    return sessions.actor(connection, active=False)


def owned_page(sessions: Sessions, client_id: object, connection: HTTPConnection) -> Client | None:
    """The live page with this identifier if this connection's session opened it and is still valid."""
    page = Client.instances.get(client_id) if isinstance(client_id, str) else None
    if page is None or session_key(page.request) != session_key(connection):
        return None
    return page if actor_of(sessions, connection) is not None else None


def _opens_page(scope: Scope) -> bool:
    """Whether NiceGUI creates a live page for the request; it does so for "not found" too."""
    return scope["type"] == "http" and not scope["path"].startswith("/_nicegui")


class LoginRequired:
    """ASGI middleware before NiceGUI's own: requests without a session do not use memory there."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions, version: str) -> None:
        self._app = app
        self._sessions = sessions
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or redirect to log in."""
        actor = None if scope["type"] == "lifespan" else actor_of(self._sessions, HTTPConnection(scope))
        if actor is not None and _opens_page(scope) and not make_room_for_page(self._sessions, actor):
            await rejected_page(429, "Too many pages are open. Close some and try again.")(scope, receive, send)
        elif scope["type"] == "lifespan" or actor is not None:
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
