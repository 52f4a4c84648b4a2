"""The applicant's page as it is served, with every check before it but NiceGUI."""

import asyncio
import re
from html import unescape
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware

from application.catalog import UseCases
from entrypoints.ui.access.sessions import Sessions
from entrypoints.ui.http.request_guard import RequestGuard
from entrypoints.ui.http.security_headers import SecurityHeaders
from entrypoints.ui.reconsiderations import applicant_routes
from entrypoints.ui.shared.page_context import Interface
from support.applicants import PAGE_URL

FROM_THE_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What browsers send from a page without a referrer."""


def applicant_app(use_cases: UseCases) -> Starlette:
    """The page over these use cases."""
    sessions = Sessions(use_cases.web_sessions)
    interface = Interface(use_cases, sessions, "1.2.3", b"d" * 32)
    app = Starlette(
        routes=applicant_routes.routes(interface),
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(SessionMiddleware, secret_key="s"),
            Middleware(RequestGuard, sessions=sessions, https_only=False),
        ],
    )
    app.router.redirect_slashes = False  # as that of the web interface
    return app


def ask_app(
    app: Starlette, method: str, path: str, *, client: str = "192.0.2.7", **options: Any
) -> httpx.Response:
    """The response to a request from a client's address, by a browser without cookies and scripts."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url=PAGE_URL) as browser:
            return await browser.request(method, path, **options)

    return asyncio.run(ask())


def text_in(html: str) -> str:
    """A page as text, without markup."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))
