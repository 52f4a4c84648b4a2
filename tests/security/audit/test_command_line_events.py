"""Security events of the command line and of the first start."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from domain.access.user import Role
from entrypoints.composition.processes import preparation
from entrypoints.configuration.operating_system_user import operating_system_user
from harness.running_service import Service

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("data"), without=["worker"], SCORING_LOG_FORMAT="json")
    yield running
    running.close()


def events(log: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [
        {name: event[name] for name in ("kind", "result", "user", "object")}
        for event in found
        if event["event"] == "security"
    ]


def by_the_operator(kind: str, result: str, target: str) -> dict[str, str]:
    return {"kind": kind, "result": result, "user": operating_system_user(), "object": target}


def test_adding_the_first_user_is_an_event(service: Service) -> None:
    first = [json.loads(line) for line in service.log.splitlines() if "user.added" in line]
    assert [(each["user"], each["object"]) for each in first] == [(operating_system_user(), "admin")]


def test_ending_one_session_is_an_event(service: Service) -> None:
    password = service.add_user("marta", Role.AUDITOR)
    page = f"http://127.0.0.1:{service.ui_port}"
    assert httpx.post(f"{page}/login", data={"name": "marta", "password": password}).status_code == 303
    key = service.run("sessions", "list").stdout.split()[0]
    ended = by_the_operator("session.ended", "succeeded", key)
    assert events(service.run("sessions", "end", key).stderr) == [ended]
    assert events(service.run("sessions", "end", key).stderr) == [ended | {"result": "failed"}]


def test_showing_the_secret_of_a_users_webhooks_is_an_event(service: Service) -> None:
    shown = service.run("webhooks", "secret", "marta")
    assert events(shown.stderr) == [by_the_operator("webhook_secret.read", "succeeded", "marta")]
    assert shown.stdout.strip() not in shown.stderr


def test_the_token_that_is_printed_at_the_start_is_an_event(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.add_user(preparation.TRIAL_USER, Role.SERVICE)
    prepared = preparation.prepare(service.settings, on_terminal=True)
    printed = capsys.readouterr()
    assert prepared.token is not None
    assert events(printed.err) == [by_the_operator("authentication", "succeeded", "trial")]
    assert prepared.token not in printed.out + printed.err
