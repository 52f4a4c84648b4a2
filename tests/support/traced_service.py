"""The whole service with a real OTLP receiver: every request is sampled, logs are JSON."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx
import pytest
from playwright.sync_api import expect

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from harness.people import PASSWORD
from harness.running_service import Service
from support.loan_rows import LOAN
from support.observing import Receiver
from support.otlp_receiver import Spans, otlp_receiver
from support.real_browser import chromium

OFFICER = "marta.personal-name"
APPLICATION = EXAMPLE | {"annual_inc": 61_234.56, "loan_amnt": 17_525, "dti": 23.4567, "revol_util": 61.8034}
"""An application whose values do not occur anywhere by chance."""
PERSONAL_DATA = ("61234.56", "6123456", "61234", "17525", "1752500", "23.4567", "61.8034")


@dataclass
class Traced:
    """The running service, what it exported, and the webhooks it sent."""

    service: Service
    spans: Spans
    webhooks: Receiver | None
    application: ClassVar = APPLICATION
    has_browser: ClassVar = shutil.which("chromium") is not None
    driven: bool = False

    def client(self) -> httpx.Client:
        """A client of the API with a token."""
        name, _, value = self.service.authorization.partition(": ")
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.service.api_port}", headers={name: value}, timeout=20
        )

    def all_lines(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [json.loads(line) for line in self.service.log.splitlines()]

    def log_lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log about this event."""
        return [line for line in self.all_lines() if line["event"] == event]

    def submit_batch(self, headers: dict[str, str]) -> httpx.Response:
        """Submit a batch of thirty loans with a webhook whose address holds a secret."""
        file = io.StringIO()
        writer = csv.DictWriter(file, [*LOAN])
        writer.writeheader()
        writer.writerows([LOAN | {"annual_inc": "61234.56", "loan_amnt": "17525"}] * 30)
        assert self.webhooks is not None
        webhook_url = f"http://{self.webhooks.address}/hooks/s3cret-path"
        with self.client() as client:
            return client.post(
                "/api/v1/batches",
                params={"name": "loans.csv", "webhook_url": webhook_url},
                content=file.getvalue(),
                headers=headers | {"Content-Type": "text/csv"},
            )

    def decide_in_browser(self) -> None:
        """Log in to the web interface, decide on the sample application, and see the decision."""
        with chromium() as browser:
            page = browser.new_page()
            page.set_default_timeout(15_000)
            page.goto(f"http://127.0.0.1:{self.service.ui_port}/")
            page.get_by_label("Username").fill(OFFICER)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Use sample data").click()
            expect(page.get_by_label("Annual income", exact=True)).to_have_value("50,000")  # submitted as shown
            page.get_by_role("button", name="Assess application").click()
            page.get_by_role("heading", name="Score contributions").wait_for()


def drive(traced: Traced) -> None:
    """Use every part of the service once."""
    if traced.driven:
        return
    traced.driven = True
    with traced.client() as client:
        assert client.post("/api/v1/predictions", json=APPLICATION).status_code == 200
        assert client.post("/api/v1/predictions", json=APPLICATION | {"dti": -1}).status_code == 422
        credentials = {"grant_type": "password", "username": OFFICER, "password": PASSWORD}
        assert client.post("/api/v1/auth/token", data=credentials).status_code == 200
        assert client.get("/api/v1/decisions", headers={"Authorization": "Bearer x"}).status_code == 401
    assert traced.submit_batch({}).status_code == 202
    if traced.has_browser:
        traced.decide_in_browser()


@pytest.fixture(scope="package")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    webhooks = Receiver()
    with otlp_receiver() as spans:
        service = Service(
            tmp_path_factory.mktemp("traced"),
            SCORING_OTLP_ENDPOINT=spans.endpoint,
            SCORING_LOG_FORMAT="json",
            SCORING_ALLOW_INSECURE_WEBHOOKS="yes",
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
        )
        try:
            service.add_user(OFFICER, Role.LOAN_OFFICER)
            service.decide()  # the first request makes the API read its users, on the ordinary route
            yield Traced(service, spans, webhooks)
        finally:
            service.close()
            webhooks.close()
