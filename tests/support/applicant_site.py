"""The applicant's page as it is served, with every check before it but NiceGUI, over stores in memory."""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware

from acceptance.use_case_lender import LenderThroughUseCases
from domain.access.user import Actor, Role
from entrypoints.ui.access.sessions import Sessions
from entrypoints.ui.http.request_guard import RequestGuard
from entrypoints.ui.http.security_headers import SecurityHeaders
from entrypoints.ui.reconsiderations import applicant_routes
from entrypoints.ui.shared.page_context import Interface
from support.applicants import PAGE_URL, WEAK
from support.builders import a_loan_application

FROM_THE_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What browsers send from a page without a referrer."""
PORTAL, UMA = Actor("portal", Role.SERVICE), Actor("uma", Role.UNDERWRITER)


class ApplicantSite:
    """A lender, and a browser without cookies and scripts that opens the applicant's page."""

    def __init__(self) -> None:
        self.lender = LenderThroughUseCases()
        sessions = Sessions(self.lender.use_cases.web_sessions)
        interface = Interface(self.lender.use_cases, sessions, "1.2.3", b"d" * 32)
        self.app = Starlette(
            routes=applicant_routes.routes(interface),
            middleware=[
                Middleware(SecurityHeaders),
                Middleware(SessionMiddleware, secret_key="s"),
                Middleware(RequestGuard, sessions=sessions, https_only=False),
            ],
        )

        self.app.router.redirect_slashes = False  # as that of the web interface

    def decide(self, by: Actor = PORTAL, **values: Any) -> UUID:
        """The decision on an application with these values; a declined one if none are given."""
        application = a_loan_application(**(values or WEAK))
        record = asyncio.run(self.lender.use_cases.assess(application, by=by, received_through="api"))
        return record.decision_id

    def link(self, decision_id: UUID) -> str:
        """The path of a new link."""
        made = asyncio.run(self.lender.use_cases.reconsiderations.make_link(decision_id, by=UMA))
        assert made.address is not None
        return made.address.removeprefix(PAGE_URL)

    def open(self, path: str, **options: Any) -> httpx.Response:
        """The response to a request for the page."""
        return self.request("GET", path, **options)

    def request(self, method: str, path: str, *, client: str = "192.0.2.7", **options: Any) -> httpx.Response:
        """The response to a request from a client's address."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(client, 40_000))
            async with httpx.AsyncClient(transport=transport, base_url=PAGE_URL) as browser:
                return await browser.request(method, path, **options)

        return asyncio.run(ask())

    def form(self, path: str) -> str:
        """The random number of the first form on the page."""
        found = re.search(r'name="form" value="(\w+)"', self.open(path).text)
        assert found is not None
        return found[1]

    def post(self, path: str, step: str = "send", **inputs: Any) -> httpx.Response:
        """The response to a form, as a browser sends it from a page without a referrer."""
        form = {"kind": "human_review", "form": "abc", "text": "", "step": step, **inputs}
        return self.request("POST", path, data=form, headers=FROM_THE_PAGE)

    def limit(self, *, burst: int) -> None:
        """Allow so many requests at once of each address, and by each link."""
        opening = self.lender.use_cases.reconsiderations.applicant_page.open_link
        for rates in (opening.rates_of_addresses, opening.rates_of_links):
            rates.__init__(1, burst)  # type: ignore[misc] # begins anew

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.lender.clock.offset += time


@dataclass
class Page:
    """A page as text, without markup."""

    html: str

    @property
    def text(self) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", self.html).split())
