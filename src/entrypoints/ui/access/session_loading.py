"""Loads a session that another replica has just started, before the request is handled."""

from contextlib import suppress

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.web_sessions import ManageWebSessions
from entrypoints.ui.access.sessions import session_key


class SessionLoading:
    """ASGI middleware; runs inside the middleware that reads the session cookie."""

    def __init__(self, app: ASGIApp, web_sessions: ManageWebSessions) -> None:
        self._app = app
        self._web_sessions = web_sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load the session if it is unknown here, then pass the request on."""
        key = None if scope["type"] == "lifespan" else session_key(HTTPConnection(scope))
        if key:
            with suppress(DependencyUnavailable):  # the page shows the error
                await self._web_sessions.load(key)
        await self._app(scope, receive, send)
