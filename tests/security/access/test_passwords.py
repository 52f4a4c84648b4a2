"""Passwords of the running service: printed ones must be changed first, and weak ones are rejected."""

import os
import re
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from domain.access.user import Role
from entrypoints.ui.app import COOKIE
from harness.polling import eventually
from harness.running_service import SCORING, Service, clean_environment, free_ports
from support.two_replicas import TwoReplicas, ends_within_5_seconds, two_replicas

pytestmark = pytest.mark.timeout(120)
GOOD, BETTER = "a meadow of seven lamps", "eleven kites over a harbour"
FEW = "5"
"""The limit of failed logins."""


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoReplicas]:
    folder = tmp_path_factory.mktemp("passwords")
    with two_replicas(folder, SCORING_LOGIN_FAILURE_LIMIT=FEW) as running:
        yield running


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A username that no other test uses, and that is in no password here."""
    return f"user {request.node.name}"[:100]


def change(replicas: TwoReplicas, name: str, current: str, new: str, *, at: int = 0) -> httpx.Response:
    form = {"username": name, "current_password": current, "new_password": new}
    return httpx.post(f"{replicas.apis[at]}/api/v1/auth/password", data=form, timeout=20)


def change_by_hand(
    replicas: TwoReplicas, browser: httpx.Client, name: str, current: str, new: str, *, repeat: str | None = None
) -> httpx.Response:
    form = {"name": name, "current": current, "new": new, "repeat": new if repeat is None else repeat}
    return browser.post(f"{replicas.pages[0]}/account", data=form)


def kind(answer: httpx.Response) -> str:
    """The last segment of a problem's type."""
    return str(answer.json()["type"]).rpartition(":")[2]


def test_the_printed_first_password_gives_no_access_until_it_is_changed(replicas: TwoReplicas) -> None:
    printed = re.findall(r"admin, password (\S+)", replicas.service.startup_output)[0]
    refused = replicas.token("admin", printed)
    assert (refused.status_code, kind(refused)) == (403, "password-change-required")
    assert "/api/v1/auth/password" in refused.json()["detail"]
    browser = replicas.browser()
    sent = browser.post(f"{replicas.pages[0]}/login", data={"name": "admin", "password": printed})
    assert sent.headers["location"] == "/account"
    assert browser.get(f"{replicas.pages[0]}/decisions").status_code == 303
    assert 'value="admin"' in browser.get(f"{replicas.pages[0]}/account").text
    changed = change_by_hand(replicas, browser, "admin", printed, GOOD)
    assert (changed.status_code, "Password changed" in changed.text) == (200, True)
    assert (
        browser.get(f"{replicas.pages[0]}/decisions").status_code == 403
    )  # logged in; an administrator reads no decisions
    assert replicas.token("admin", GOOD).status_code == 200
    assert kind(replicas.token("admin", printed)) == "wrong-credentials"


def test_a_password_that_must_be_changed_can_be_changed_through_the_api(replicas: TwoReplicas, name: str) -> None:
    printed = replicas.service.add_user(name, Role.SERVICE, must_change=True)
    assert replicas.token(name, printed).status_code == 403
    assert change(replicas, name, printed, GOOD, at=1).status_code == 204
    assert replicas.token(name, GOOD).status_code == 200


@pytest.mark.parametrize("channel", ["api", "web"])
def test_a_new_password_ends_all_other_tokens_and_sessions(replicas: TwoReplicas, name: str, channel: str) -> None:
    password = replicas.service.add_user(name, Role.AUDITOR)
    before, own = replicas.log_in(name, password), replicas.log_in(name, password)
    assert before.is_in_everywhere()
    if channel == "api":
        assert change(replicas, name, password, GOOD).status_code == 204
        ends_within_5_seconds(own)
    else:
        earlier = own.browser.cookies[COOKIE]
        assert change_by_hand(replicas, own.browser, "another user", password, GOOD).status_code == 200
        assert own.web() == [200, 200]
        assert own.browser.cookies[COOKIE] != earlier
    ends_within_5_seconds(before)
    if channel == "web":
        assert own.web() == [200, 200]  # the session remains although that of the form has ended


NOT_ALLOWED = {
    "common": "password1234",
    "like a common one": "Password2026!",
    "a sequence": "123456789012",
    "short": "vq7 Wk2 zTb",
    "long": f"{GOOD}, {BETTER}, " * 6,
}
"""Each is refused for this reason alone."""


@pytest.mark.parametrize("new", NOT_ALLOWED.values(), ids=NOT_ALLOWED)
def test_common_passwords_are_rejected_everywhere(replicas: TwoReplicas, name: str, new: str) -> None:
    password = replicas.service.add_user(name, Role.SERVICE)
    answer = change(replicas, name, password, new)
    assert (answer.status_code, kind(answer)) == (422, "password-not-allowed")
    assert [fault["field"] for fault in answer.json()["errors"]] == ["new_password"]
    assert new not in answer.text
    page = change_by_hand(replicas, replicas.browser(), name, password, new)
    assert page.status_code == 422
    assert new not in page.text
    assert replicas.token(name, password).status_code == 200


def test_the_page_requires_the_current_password_and_the_new_one_twice(replicas: TwoReplicas, name: str) -> None:
    password = replicas.service.add_user(name, Role.AUDITOR)
    browser = replicas.browser()
    assert "do not match" in change_by_hand(replicas, browser, name, password, GOOD, repeat=BETTER).text
    assert "Incorrect" in change_by_hand(replicas, browser, name, "not the password", GOOD).text
    assert "must differ" in change_by_hand(replicas, browser, name, password, password).text
    browser.headers["sec-fetch-site"] = "cross-site"
    assert "Request rejected" in change_by_hand(replicas, browser, name, password, GOOD).text
    assert replicas.token(name, password).status_code == 200


def test_guesses_of_the_current_password_are_limited_like_logins(replicas: TwoReplicas, name: str) -> None:
    password = replicas.service.add_user(name, Role.SERVICE)
    for _ in range(int(FEW)):
        assert kind(change(replicas, name, "guessed", GOOD)) == "wrong-credentials"
    refused = change(replicas, name, password, GOOD)
    assert (refused.status_code, kind(refused)) == (429, "too-many-attempts")
    assert replicas.token(name, password, at=1).status_code == 429
    page = change_by_hand(replicas, replicas.browser(), name, password, GOOD)
    assert page.status_code == 429


def test_missing_fields_of_a_password_change_are_named(replicas: TwoReplicas) -> None:
    answer = httpx.post(f"{replicas.apis[0]}/api/v1/auth/password", data={"username": "x", "new_password": "y"})
    assert (answer.status_code, kind(answer)) == (400, "invalid-password-request")
    assert [fault["field"] for fault in answer.json()["errors"]] == ["current_password"]


def test_a_username_cannot_inject_markup_into_the_page(replicas: TwoReplicas) -> None:
    bad = '"><script>alert(1)'  # a username has no slash
    browser = replicas.browser()
    assert bad not in change_by_hand(replicas, browser, bad, "wrong", GOOD).text
    printed = replicas.service.add_user(bad, Role.AUDITOR, must_change=True)
    browser.post(f"{replicas.pages[0]}/login", data={"name": bad, "password": printed})
    page = browser.get(f"{replicas.pages[0]}/account").text
    assert bad not in page
    assert "&lt;script&gt;" in page


def test_a_forced_password_change_does_not_show_the_form_of_the_previous_user(
    replicas: TwoReplicas, name: str
) -> None:
    password = replicas.service.add_user(name, Role.AUDITOR)
    printed = replicas.service.add_user(f"{name} too", Role.AUDITOR, must_change=True)
    browser, page = replicas.browser(), replicas.pages[0]
    browser.post(f"{page}/login", data={"name": name, "password": password})
    browser.post(f"{page}/login", data={"name": f"{name} too", "password": printed})
    assert f'value="{name} too"' in browser.get(f"{page}/account").text
    assert browser.get(f"{page}/decisions", follow_redirects=False).status_code == 303


def output_on_a_terminal(data_dir: Path, while_running: Callable[[str], None]) -> str:
    """The output of `scoring up` on a terminal; it is stopped after `while_running`."""
    api, ui = free_ports(2)
    environment = clean_environment(
        SCORING_DATA_DIR=str(data_dir), SCORING_API_PORT=str(api), SCORING_UI_PORT=str(ui)
    )
    terminal, child_end = os.openpty()
    command = [*SCORING, "up", "--without=ui", "--without=worker"]
    process = subprocess.Popen(command, env=environment, stdout=child_end, stderr=subprocess.DEVNULL)
    os.close(child_end)
    output, deadline = "", time.monotonic() + 60
    try:
        while "Ctrl-C stops everything" not in output:
            assert select.select([terminal], [], [], deadline - time.monotonic())[0], output
            output += os.read(terminal, 65536).decode()
        while_running(output)
    finally:
        process.terminate()
        process.wait(60)
        os.close(terminal)
    return output


def test_a_short_lived_token_is_printed_on_a_terminal_while_its_user_exists(tmp_path: Path) -> None:
    def paste(output: str) -> None:
        """The printed command works until its user is removed."""
        words = shlex.split(next(line for line in output.splitlines() if line.startswith("curl")))
        claims = jwt.decode(words[4].rpartition(" ")[2], options={"verify_signature": False})
        assert (claims["sub"], claims["exp"] - claims["iat"]) == ("trial", 15 * 60)
        assert "role" not in claims
        assert b'"success":true' in subprocess.run(words, capture_output=True, check=True).stdout
        environment = clean_environment(SCORING_DATA_DIR=str(tmp_path))
        subprocess.run([*SCORING, "users", "remove", "trial"], env=environment, check=True, capture_output=True)
        eventually(lambda: b'"status":401' in subprocess.run(words, capture_output=True, check=True).stdout)

    output_on_a_terminal(tmp_path, paste)
    again = output_on_a_terminal(tmp_path, lambda _: None)
    assert "Bearer" not in again
    assert "users add NAME --role service" in again


def test_no_token_is_printed_where_the_output_is_not_a_terminal(replicas: TwoReplicas) -> None:
    assert "Bearer" not in replicas.service.startup_output
    assert "eyJ" not in replicas.service.startup_output
    assert "users add NAME --role service" in replicas.service.startup_output
    assert "trial" not in replicas.scoring("users", "list")


def test_a_weak_password_for_the_first_user_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="SCORING_ADMIN_PASSWORD cannot be used: this password"):
        Service(tmp_path, without=["ui", "worker"], SCORING_ADMIN_PASSWORD="Password1234")
