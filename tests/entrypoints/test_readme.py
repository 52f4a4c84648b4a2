"""README tells the truth: its request gets its answer, and what it points to is there."""

import json
import re
from typing import Any

import pytest

from acceptance.lenders import OFFICER, LenderThroughHttp
from domain.access.user import Actor
from domain.policies.version_1 import POLICY_1
from entrypoints.api.decisions.loan_application_body import EXAMPLE
from entrypoints.api.documentation.examples import EXPLAINED, PREDICTION, RECORDED_DECISION, REPRODUCTION
from entrypoints.cli.main import COMMANDS
from entrypoints.configuration.setting_readers import PROJECT
from support.batches import PORTAL
from support.other_models import CHAMPION_FINGERPRINT

README = (PROJECT / "README.md").read_text()


def answer_to(application: dict[str, Any], by: Actor = PORTAL) -> dict[str, Any]:
    """What the API says to it."""
    lender = LenderThroughHttp()
    headers = {"Authorization": f"Bearer {lender.tokens.issue(by).token}"}
    answer: dict[str, Any] = lender.client.post("/api/v1/predictions", json=application, headers=headers).json()
    return answer


def test_the_schema_s_example_is_what_is_decided_on_its_application() -> None:
    for by, example in ((PORTAL, PREDICTION), (OFFICER, EXPLAINED)):
        given = answer_to(EXAMPLE, by)["prediction"]
        assert given | {"decision_id": example["decision_id"]} == example
    assert RECORDED_DECISION["model_fingerprint"] == REPRODUCTION["model_fingerprint"] == CHAMPION_FINGERPRINT
    assert REPRODUCTION["policy_fingerprint"] == POLICY_1.fingerprint


def test_the_request_gets_the_answer() -> None:
    request = json.loads(README[README.index('{"annual_inc"') : README.index("}'") + 1])
    answer = json.loads(README.split("<!-- answer -->\n```json\n")[1].split("```")[0])
    given = answer_to(request)
    for varying in ("request_id", "timestamp", "processing_time_ms"):
        del given[varying], answer[varying]
    del given["prediction"]["decision_id"], answer["prediction"]["decision_id"]
    assert given == answer


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "docs/decisions/README.md"])
def test_what_a_page_links_to_is_there(page: str) -> None:
    path = PROJECT / page
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", path.read_text())]
    missing = [t for t in targets if not t.startswith("http") and not (path.parent / t).exists()]
    assert targets
    assert not missing


def test_the_files_that_architecture_walks_through_are_there() -> None:
    text = (PROJECT / "ARCHITECTURE.md").read_text()
    named = set(re.findall(r"`((?:domain|application|adapters|entrypoints|tests)/[\w/.]+)`", text))
    assert len(named) > 20
    assert not [
        name for name in sorted(named) if not any((PROJECT / root / name).exists() for root in ("", "src"))
    ]


def test_every_command_it_shows_exists() -> None:
    shown = set(re.findall(r"\.venv/bin/scoring (\w+)", README))
    assert shown <= set(COMMANDS)
    assert all((PROJECT / script).exists() for script in re.findall(r"^(scripts/\w+)", README, re.M))
