"""The web interface as an ASGI application, served on its own port.

Sessions are stored in the database (`application.use_cases.access.web_sessions`). NiceGUI's own storage is not
used. The state of a page lives in the process that
created it, so replicas need sticky sessions.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.middleware.sessions import SessionMiddleware

from application.catalog import UseCases
from domain.access.web_session import LIFETIME
from entrypoints.ui.access.login_required import LoginRequired
from entrypoints.ui.access.session_loading import SessionLoading
from entrypoints.ui.http.one_file_uploads import OneFileRoute
from entrypoints.ui.http.request_guard import RequestGuard
from entrypoints.ui.http.security_headers import SecurityHeaders
from entrypoints.ui.http.socket_guard import AroundEvent, guard_sockets, no_observation
from entrypoints.ui.registration import public_routes, register_pages
from entrypoints.ui.shared import theme
from entrypoints.ui.shared.layout import PRODUCT
from entrypoints.ui.shared.root_path import set_root_path
from entrypoints.ui.shared.time_zone import UTC_ZONE

RECONNECT_SECONDS = 30.0
"""How long a page waits for a lost browser connection before it must be reloaded."""

COOKIE = "scoring-session"
SECURE_COOKIE = "__Host-scoring-session"
"""Browsers accept the `__Host-` prefix only over HTTPS and for this host, so that no other host can set it."""

Hook = Callable[[], Awaitable[None]]


def create_app(
    use_cases: UseCases,
    *,
    storage_secret: str,
    draft_secret: bytes = b"",
    version: str,
    secure_cookies: bool = False,
    root_path: str = "",
    lender_zone: ZoneInfo = UTC_ZONE,
    around_event: AroundEvent = no_observation,
    on_startup: Iterable[Hook] = (),
    on_shutdown: Iterable[Hook] = (),
) -> FastAPI:
    """The application. Call once per process, because NiceGUI keeps its pages in the process.

    `storage_secret` signs the cookies, `draft_secret` protects entries that are not submitted. `secure_cookies`
    restricts cookies and accepted origins to HTTPS. A proxy serves it under `root_path`; the application itself
    sees paths without it (`under_root_path`). Days of notices are those of `lender_zone`.
    `around_event` is entered around each event of a page.
    `on_startup` hooks are awaited before the first request, `on_shutdown` hooks after the last.

    /health/live responds while the process runs, and starts no session.
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
    nicegui_app.router.redirect_slashes = False  # the redirect would follow the Host header
    nicegui_app.router.route_class = OneFileRoute
    app.add_api_route("/health/live", lambda: {"status": "alive", "version": version}, include_in_schema=False)
    set_root_path(root_path)
    interface = register_pages(use_cases, version=version, draft_secret=draft_secret, lender_zone=lender_zone)
    sessions = interface.sessions
    app.routes.extend(public_routes(interface))
    # Middleware that is added last runs first.
    app.add_middleware(RequestGuard, sessions=sessions, https_only=secure_cookies, root_path=root_path)
    app.add_middleware(SessionLoading, web_sessions=use_cases.web_sessions)
    app.add_middleware(
        SessionMiddleware,
        secret_key=storage_secret,
        session_cookie=(SECURE_COOKIE if secure_cookies else COOKIE) + root_path.replace("/", "-"),
        max_age=int(LIFETIME.total_seconds()),
        same_site="lax",
        https_only=secure_cookies,
    )
    app.add_middleware(SecurityHeaders)
    ui.run_with(
        app,
        title=PRODUCT,
        favicon=theme.FAVICON,
        language="en-US",
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        show_welcome_message=False,
    )
    nicegui_app.add_middleware(LoginRequired, sessions=sessions, version=version)
    guard_sockets(sessions, around_event)
    return app
