"""The web interface as an ASGI application, to be served on its own port.

NiceGUI keeps sessions in Redis when NICEGUI_REDIS_URL is set before it is first imported, else in files. What a
page shows lives in the process that built it: replicas need sticky sessions.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import HTTPConnection

from application.catalogue import UseCases
from entrypoints.ui import theme
from entrypoints.ui.frame import PRODUCT
from entrypoints.ui.logged_in import LogInRequired, actor_of, session_id
from entrypoints.ui.registration import public_routes, register_pages
from entrypoints.ui.request_guard import RequestGuard
from entrypoints.ui.security_headers import SecurityHeaders
from entrypoints.ui.sessions import LIFETIME
from entrypoints.ui.socket_guard import guard_sockets

RECONNECT_SECONDS = 30.0
"""How long a page waits for a browser that lost its connection, before it must be loaded again."""

COOKIE = "scoring-session"
SECURE_COOKIE = "__Host-scoring-session"
"""Browsers accept this name over HTTPS alone, for this very host, so that no neighbouring host can set it."""

Hook = Callable[[], Awaitable[None]]


def create_app(
    use_cases: UseCases,
    *,
    storage_secret: str,
    version: str,
    secure_cookies: bool = False,
    metrics: Callable[[], tuple[bytes, str]] | None = None,
    on_startup: Iterable[Hook] = (),
    on_shutdown: Iterable[Hook] = (),
) -> FastAPI:
    """The application; once a process, since NiceGUI keeps its pages in the process.

    `storage_secret` signs the browsers' cookies; `secure_cookies` sends them over HTTPS alone, tells browsers to
    use nothing else, and takes only origins with https for our own. With `metrics` there is a /metrics that
    answers what it gives, a body and its content type. What is in `on_startup` is awaited before the
    first request, what is in `on_shutdown` after the last.

    /health/live answers as long as the process does. It and /metrics begin no session: whoever asks them asks all
    day, and never comes back with a cookie.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for hook in on_startup:
            await hook()
        try:
            yield
        finally:
            for hook in on_shutdown:
                await hook()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    nicegui_app.router.redirect_slashes = False  # it would redirect to whatever the Host header says
    app.add_api_route("/health/live", lambda: {"status": "alive", "version": version}, include_in_schema=False)
    if metrics is not None:
        app.add_api_route("/metrics", lambda: _exposition(metrics), include_in_schema=False)
    interface = register_pages(use_cases, version=version)
    sessions = interface.sessions
    app.routes.extend(public_routes(interface))
    app.add_middleware(RequestGuard, sessions=sessions, https_only=secure_cookies)
    app.add_middleware(
        SessionMiddleware,
        secret_key=storage_secret,
        session_cookie=SECURE_COOKIE if secure_cookies else COOKIE,
        max_age=int(LIFETIME.total_seconds()),
        same_site="lax",
        https_only=secure_cookies,
    )
    app.add_middleware(SecurityHeaders, https_only=secure_cookies)
    ui.run_with(
        app,
        title=PRODUCT,
        favicon=theme.FAVICON,
        language="en-US",
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        show_welcome_message=False,
    )
    nicegui_app.add_middleware(LogInRequired, is_logged_in=_has_session, version=version)
    nicegui_app.user_middleware.append(  # behind NiceGUI's own, which loads the session
        Middleware(LogInRequired, is_logged_in=lambda each: actor_of(sessions, each) is not None, version=version)
    )
    guard_sockets(sessions)
    logging.getLogger("uvicorn.error").addFilter(without_queries)
    return app


def _has_session(connection: HTTPConnection) -> bool:
    return session_id(connection) is not None


def without_queries(record: logging.LogRecord) -> bool:
    """Take query strings from uvicorn's lines about WebSockets: they hold identifiers of live pages."""
    if isinstance(record.args, tuple) and "WebSocket" in record.msg:
        record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
    return True


def _exposition(metrics: Callable[[], tuple[bytes, str]]) -> Response:
    body, content_type = metrics()
    return Response(body, headers={"Content-Type": content_type})
