"""The examples in README.md and in the API's schema are what the API returns."""

import json
from typing import Any

from acceptance.http_lender import LenderThroughHttp
from domain.access.user import Actor
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.documentation.examples import PREDICTION, REPRODUCTION, recorded_decision
from entrypoints.configuration.setting_readers import PROJECT
from support.batches import PORTAL
from support.other_models import CHAMPION_FINGERPRINT

README = (PROJECT / "README.md").read_text()


def response_to(application: dict[str, Any], by: Actor = PORTAL) -> dict[str, Any]:
    """The response of the API to the application."""
    lender = LenderThroughHttp()
    headers = {"Authorization": f"Bearer {lender.tokens.issue(by).token}"}
    response: dict[str, Any] = lender.client.post("/api/v1/predictions", json=application, headers=headers).json()
    return response


def test_examples_in_the_schema_match_the_response() -> None:
    actual = response_to(EXAMPLE)["prediction"]
    assert actual | {"decision_id": PREDICTION["decision_id"]} == PREDICTION
    recorded = recorded_decision(PERSONAL_LOAN)
    assert recorded["model_fingerprint"] == REPRODUCTION["model_fingerprint"] == CHAMPION_FINGERPRINT
    assert REPRODUCTION["policy_fingerprint"] == POLICY_3.fingerprint


def test_the_example_request_gets_the_example_response() -> None:
    request = json.loads(README[README.index('{"annual_inc"') : README.index("}'") + 1])
    expected = json.loads(README.split("<!-- response -->\n```json\n")[1].split("```")[0])
    actual = response_to(request)
    for varying in ("request_id", "timestamp", "processing_time_ms"):
        del actual[varying], expected[varying]
    del actual["prediction"]["decision_id"], expected["prediction"]["decision_id"]
    assert actual == expected
