"""The whole service with a real OTLP receiver: every request is sampled, logs are JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from domain.access.user import Role
from entrypoints.api.decisions.loan_application_body import EXAMPLE
from harness.running_service import Service
from support.observing import Receiver
from support.otlp_receiver import Spans, otlp_receiver

OFFICER = "marta.personal-name"
APPLICATION = EXAMPLE | {"annual_inc": 61_234.56, "loan_amnt": 17_525, "dti": 23.4567, "revol_util": 61.8034}
"""An application whose values do not occur anywhere by chance."""
PERSONAL_DATA = ("61234.56", "6123456", "61234", "17525", "1752500", "23.4567", "61.8034")


@dataclass
class Traced:
    """The running service, what it exported, and the webhooks it sent."""

    service: Service
    spans: Spans
    webhooks: Receiver

    def client(self) -> httpx.Client:
        """A client of the API with a token."""
        name, _, value = self.service.authorization.partition(": ")
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.service.api_port}", headers={name: value}, timeout=20
        )

    def log_lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log about this event."""
        lines = (line for line in self.service.log.splitlines() if line.startswith("{"))
        return [line for line in map(json.loads, lines) if line["event"] == event]


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
