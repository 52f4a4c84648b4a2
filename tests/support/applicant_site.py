"""A lender with stores in memory, and the applicant's page."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from acceptance.use_case_lender import LenderThroughUseCases
from domain.access.user import Actor, Role
from domain.applications.application_identity import ApplicationIdentity
from support.applicant_app import FROM_THE_PAGE, applicant_app, ask_app
from support.applicants import PAGE_URL, WEAK
from support.builders import a_loan_application

PORTAL, UMA = Actor("portal", Role.SERVICE), Actor("uma", Role.UNDERWRITER)


class ApplicantSite:
    """A lender, and a browser without cookies and scripts that opens the applicant's page."""

    def __init__(self) -> None:
        self.lender = LenderThroughUseCases()
        self.app = applicant_app(self.lender.use_cases)

    def decide(self, by: Actor = PORTAL, *, source: str | None = None, **values: Any) -> UUID:
        """The decision on an application with these values; a declined one if none are given."""
        application = a_loan_application(**(values or WEAK))
        identity = ApplicationIdentity(source=source)
        record = asyncio.run(
            self.lender.use_cases.assess(application, by=by, received_through="api", identity=identity)
        )
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

        return ask_app(self.app, method, path, client=client, **options)

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
