"""The log of the whole service: one line per request, and exactly the fields that are documented."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from harness.polling import eventually
from harness.running_service import Service
from support.traced_service import Traced, drive

pytestmark = pytest.mark.timeout(120)
DOCUMENT = Path(__file__).parents[3] / "docs" / "logs.md"
OF_SUBSCRIPTIONS = {"subscription_id"}
"""The service of these tests sends webhooks about a batch only."""
ONLY_ON_FAILURE = {"error", "exception"}


def documented() -> dict[str, set[str]]:
    """The fields by the heading of their table."""
    sections = re.split(r"^## `?([^`\n]+)`?$", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]
    return {
        heading: {
            name
            for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
            for name in re.findall(r"`(\w+)`", row)
        }
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_the_documented_fields_are_those_that_are_logged(traced: Traced) -> None:
    drive(traced)
    eventually(lambda: traced.log_lines("webhook") and traced.log_lines("batch"))
    fields = documented()
    common = fields.pop("Every line")
    assert fields.keys() == {"request", "decision", "batch", "webhook", "security"}
    for event, names in fields.items():
        lines = traced.log_lines(event)
        seen = {name for line in lines for name in line} - common
        if event == "decision" and not traced.has_browser:
            continue
        assert seen <= names, event
        assert names - seen <= ONLY_ON_FAILURE | OF_SUBSCRIPTIONS, event
    sentences = [line for line in traced.all_lines() if line["event"] not in fields]
    assert sentences
    assert {name for line in sentences for name in line} <= common | {"request_id"}


def test_each_request_has_one_line_with_its_decision_and_its_trace(traced: Traced) -> None:
    with traced.client() as client:
        responses = [client.post("/api/v1/predictions", json=traced.application).json() for _ in range(5)]
    for response in responses:
        (line,) = [
            line for line in traced.log_lines("request") if line.get("decision_id") == response["request_id"]
        ]
        assert line["outcome"] == response["prediction"]["outcome"]
        spans = traced.spans.wait_for(line["trace_id"], "POST /api/v1/predictions", "ledger.commit")
        assert spans["POST /api/v1/predictions"].trace_id.hex() == line["trace_id"]


def test_every_line_of_every_process_is_json(traced: Traced) -> None:
    for line in traced.service.log.splitlines():
        assert {"event", "level", "time"} <= json.loads(line).keys()


def test_the_supervisor_logs_in_the_format_of_the_log(tmp_path: Path) -> None:
    service = Service(tmp_path, without=("ui", "worker"), SCORING_LOG_FORMAT="json")
    try:
        killed = service.api_process()
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: "restarting it" in service.log)
        eventually(lambda: service.api_process() not in {None, killed})
        service.stop()
        lines = [json.loads(line) for line in service.log.splitlines()]
    finally:
        service.close()
    assert "the API exited with code -9; restarting it" in {line["event"] for line in lines}
    assert "Stopping ..." in {line["event"] for line in lines}
