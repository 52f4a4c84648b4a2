"""Each security event is one structured line with user, source, object and result."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from application.ports.access.security_events import SecurityEventKind
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.setting_readers import PROJECT
from harness.polling import eventually
from harness.running_service import Service
from support.batches import loans_as_csv
from support.loan_rows import LOAN
from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = pytest.mark.timeout(120)

SECRET = "vN3kZq8WtR5xLc9YbD2mHs7JfP1GaEu6"
PASSWORD = "correct horse battery"
PROXY = {"SCORING_TRUSTED_PROXIES": "127.0.0.1"}
FORWARDED = {"X-Forwarded-For": "203.0.113.7"}
COMMON = {"event", "kind", "result", "level", "time"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(
        tmp_path_factory.mktemp("data"),
        SCORING_SECRET_KEY=SECRET,
        SCORING_ADMIN_PASSWORD=PASSWORD,
        SCORING_LOGIN_FAILURE_LIMIT="3",
        SCORING_LOG_FORMAT="json",
        **PROXY,
    )
    yield running
    running.close()


def events(log: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in found if line.get("event") == "security"]


@pytest.fixture
def new_events(service: Service) -> Callable[..., list[dict[str, Any]]]:
    """Wait for this number of events of the test; returns them without level and time."""
    before = len(events(service.log))

    def look(number: int) -> list[dict[str, Any]]:
        eventually(lambda: len(events(service.log)) >= before + number)
        found = events(service.log)[before:]
        assert len(found) == number, found
        for event in found:
            assert event.pop("level") == ("info" if event["result"] == "succeeded" else "warning")
            assert event.pop("time").endswith("Z")
            assert event.pop("event") == "security"
        return found

    return look


def api(service: Service) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{service.api_port}", timeout=30, headers=FORWARDED)


def bearer(service: Service, name: str, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.token_of(name, role)}"}


def log_in(client: httpx.Client, name: str, password: str) -> int:
    form = {"grant_type": "password", "username": name, "password": password}
    return client.post("/api/v1/auth/token", data=form).status_code


def test_logins_failures_and_lockouts_are_recorded(service: Service, new_events: Any) -> None:
    name = "guessed\nname"
    with api(service) as client:
        assert log_in(client, "admin", PASSWORD) == 200
        assert [log_in(client, name, "wrong-password-42") for _ in range(4)] == [400, 400, 400, 429]
    from_there = {"source_address": "203.0.113.7"}
    assert new_events(5) == [
        {"kind": "authentication", "result": "succeeded", "user": "admin", **from_there},
        *[{"kind": "authentication", "result": "failed", "user": name, **from_there}] * 3,
        {"kind": "lockout", "result": "denied", "user": name, **from_there},
    ]
    assert "wrong-password-42" not in service.log
    assert PASSWORD not in service.log


def test_the_web_interface_records_failed_logins_and_logouts(service: Service, new_events: Any) -> None:
    web = f"http://127.0.0.1:{service.ui_port}"
    headers = FORWARDED | {"Origin": web, "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=web, timeout=30, headers=headers) as client:
        client.post("/login", data={"name": "admin", "password": "wrong-password-43"})
        client.post("/login", data={"name": "admin", "password": PASSWORD})
        client.post("/logout")
    from_there = {"user": "admin", "source_address": "203.0.113.7"}
    assert new_events(3) == [
        {"kind": "authentication", "result": "failed", **from_there},
        {"kind": "authentication", "result": "succeeded", **from_there},
        {"kind": "session.ended", "result": "succeeded", **from_there},
    ]
    assert "wrong-password-43" not in service.log


def test_denied_pages_are_recorded_with_the_user(service: Service, new_events: Any) -> None:
    added = service.run("users", "add", "marta", "--role", "loan-officer").stdout
    password = re.findall(r"Password: (\S+)", added)[0]
    web = f"http://127.0.0.1:{service.ui_port}"
    headers = FORWARDED | {"Origin": web, "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=web, timeout=30, headers=headers) as client:
        client.post("/login", data={"name": "marta", "password": password})
        assert client.get("/audit").status_code == 403
    from_there = {"user": "marta", "source_address": "203.0.113.7"}
    assert new_events(2) == [
        {"kind": "authentication", "result": "succeeded", **from_there},
        {"kind": "authorization", "result": "denied", "object": "GET /audit", **from_there},
    ]


@NEEDS_CHROMIUM
def test_actions_of_buttons_are_recorded_with_user_and_address(service: Service, new_events: Any) -> None:
    web = f"http://127.0.0.1:{service.ui_port}"
    password = service.add_user("anna", Role.AUDITOR)
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{web}/login?next=/audit")
        page.get_by_label("Username").fill("anna")
        page.get_by_label("Password", exact=True).fill(password)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Verify audit trail").click()
        found = new_events(2)
    from_here = {"user": "anna", "source_address": "127.0.0.1"}
    assert found == [
        {"kind": "authentication", "result": "succeeded", **from_here},
        {"kind": "audit.verified", "result": "succeeded", "object": "audit trail", **from_here},
    ]


def test_requests_with_invalid_tokens_or_missing_permission_are_recorded(
    service: Service, new_events: Any
) -> None:
    auditor = bearer(service, "vera", Role.AUDITOR)
    with api(service) as client:
        assert client.get("/api/v1/decisions?text=Smith").status_code == 401
        assert (
            client.post("/api/v1/predictions", json=EXAMPLE, headers={"Authorization": "Bearer x.y.z"}).status_code
            == 401
        )
        assert client.post("/api/v1/predictions", json=EXAMPLE, headers=auditor).status_code == 403
        assert client.get("/api/v1/webhooks/secret", headers=auditor).status_code == 403
    from_there = {"source_address": "203.0.113.7"}
    assert new_events(4) == [
        {"kind": "authentication", "result": "failed", "object": "GET /api/v1/decisions", **from_there},
        {"kind": "authentication", "result": "failed", "object": "POST /api/v1/predictions", **from_there},
        {
            "kind": "authorization",
            "result": "denied",
            "user": "vera",
            "object": "POST /api/v1/predictions",
            **from_there,
        },
        {
            "kind": "authorization",
            "result": "denied",
            "user": "vera",
            "object": "webhooks.secret",
            **from_there,
        },
    ]
    assert "Smith" not in service.log


def test_the_body_of_a_denied_request_is_not_read(service: Service, new_events: Any) -> None:
    """The event has the client's address instead of the proxy's, also on the regular path."""
    with api(service) as client:
        client.headers.update(bearer(service, "viola", Role.AUDITOR) | {"Content-Type": "application/json"})
        assert client.post("/api/v1/predictions", content=b"{").status_code == 403
    (denied,) = new_events(1)
    assert denied == {
        "kind": "authorization",
        "result": "denied",
        "user": "viola",
        "object": "POST /api/v1/predictions",
        "source_address": "203.0.113.7",
    }


def test_exports_cancellations_and_secrets_are_recorded(service: Service, new_events: Any) -> None:
    broker = bearer(service, "broker", Role.SERVICE)
    with api(service) as client:
        client.headers.update(broker)
        handed_in = client.post(
            "/api/v1/batches", content=loans_as_csv([LOAN]), headers={"Content-Type": "text/csv"}
        )
        assert handed_in.status_code == 202, handed_in.text
        batch = handed_in.json()["batch_id"]
        eventually(lambda: client.get(f"/api/v1/batches/{batch}").json()["state"] == "done", within=60)
        assert client.get(f"/api/v1/batches/{batch}/results").status_code == 200
        assert client.get(f"/api/v1/batches/{batch}/errors").status_code == 200
        assert client.post(f"/api/v1/batches/{batch}/cancel").status_code == 409
        assert client.get("/api/v1/webhooks/secret").status_code == 200
    by = {"user": "broker", "source_address": "203.0.113.7"}
    assert new_events(4) == [
        {"kind": "export", "result": "succeeded", "object": f"batch {batch} results", **by},
        {"kind": "export", "result": "succeeded", "object": f"batch {batch} errors", **by},
        {"kind": "batch.cancelled", "result": "failed", "object": f"batch {batch}", **by},
        {"kind": "webhook_secret.read", "result": "succeeded", "object": "broker", **by},
    ]


def test_an_administrator_changes_users_in_the_running_service(service: Service) -> None:
    client, headers = api(service), bearer(service, "ines", Role.ADMIN)
    users = "/api/v1/users"
    with client:
        added = client.post(users, json={"name": "nina", "role": "service"}, headers=headers)
        assert added.status_code == 201, added.text
        assert log_in(client, "nina", added.json()["password"]) == 200
        while log_in(client, "nina", "wrong") != 429:
            pass
        listed = {each["name"]: each for each in client.get(users, headers=headers).json()["users"]}
        assert listed["nina"]["locked_until"]
        assert listed["nina"]["last_login_at"]
        assert client.post(f"{users}/nina/unlock", headers=headers).status_code == 204
        assert log_in(client, "nina", added.json()["password"]) == 200
        match = headers | {"If-Match": client.get(f"{users}/nina", headers=headers).headers["etag"]}
        assert client.patch(f"{users}/nina", json={"role": "auditor"}, headers=match).status_code == 200
        assert client.patch(f"{users}/nina", json={"role": "admin"}, headers=match).status_code == 412
        new = client.post(f"{users}/nina/password", headers=headers).json()
        assert log_in(client, "nina", new["password"]) == 403, "must choose another password"
        assert client.delete(f"{users}/nina/sessions", headers=headers).status_code == 204
        assert client.delete(f"{users}/nina", headers=headers | {"If-Match": "*"}).status_code == 204
    kinds = ("user.added", "user.unlocked", "user.role_changed", "user.password_changed", "user.sessions_ended")
    done = [
        (event["kind"], event["user"], event["object"], event["source_address"])
        for event in events(service.log)
        if event["kind"].startswith("user.") and event["result"] == "succeeded" and event["user"] == "ines"
    ]
    assert done == [(kind, "ines", "nina", "203.0.113.7") for kind in (*kinds, "user.removed")]


def test_the_command_line_records_changes_of_users_and_verifications(service: Service) -> None:
    response = [
        *events(service.run("users", "add", "olga", "--role", "loan-officer").stderr),
        *events(service.run("users", "role", "olga", "--role", "auditor").stderr),
        *events(service.run("users", "password", "olga").stderr),
        *events(service.run("users", "remove", "olga").stderr),
        *events(service.run("users", "remove", "olga").stderr),
        *events(service.run("audit", "verify").stderr),
    ]
    olga = {"user": operating_system_user(), "object": "olga"}
    trail = {"user": operating_system_user(), "object": "audit trail"}
    assert [{name: event[name] for name in event.keys() - COMMON} for event in response] == [*[olga] * 5, trail]
    assert [(event["kind"], event["result"]) for event in response] == [
        ("user.added", "succeeded"),
        ("user.role_changed", "succeeded"),
        ("user.password_changed", "succeeded"),
        ("user.removed", "succeeded"),
        ("user.removed", "failed"),
        ("audit.verified", "succeeded"),
    ]


def test_every_event_is_counted(service: Service) -> None:
    counted = Counter[tuple[str, str]]()
    for port in (service.api_metrics_port, service.ui_metrics_port):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        for kind, result, number in re.findall(
            r'scoring_security_events_total\{kind="([^"]+)",result="([^"]+)"\} (\S+)', text
        ):
            counted[kind, result] += int(float(number))
    logged = Counter((event["kind"], event["result"]) for event in events(service.log))
    logged["user.added", "succeeded"] -= 1  # the first user, whom another process added
    assert counted == +logged


def test_the_documentation_lists_every_kind_with_its_meaning() -> None:
    documented = (PROJECT / "docs" / "security-events.md").read_text()
    rows = re.findall(
        r"^\| `([a-z_]+(?:\.[a-z_]+)?)` \| (.+) \|$", documented.split("| kind | meaning |")[1], re.M
    )
    assert rows == [(kind.value, kind.meaning) for kind in SecurityEventKind]
