"""Revoked access ends within seconds: tokens and web sessions, on every replica."""

import base64
import json
from collections.abc import Callable, Iterator

import pytest

from domain.access.user import Role
from entrypoints.ui.app import COOKIE
from harness.polling import eventually
from support.two_replicas import LoggedIn, TwoReplicas, ends_within_5_seconds, two_replicas

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoReplicas]:
    with two_replicas(tmp_path_factory.mktemp("revocation")) as running:
        yield running


@pytest.fixture
def user(replicas: TwoReplicas, request: pytest.FixtureRequest) -> tuple[str, str]:
    """The name and the password of a user that no other test uses."""
    name = f"user {request.node.name}"[:100]
    return name, replicas.service.add_user(name, Role.AUDITOR)


@pytest.fixture
def logged_in(replicas: TwoReplicas, user: tuple[str, str]) -> LoggedIn:
    """The user, with a token and a session that are valid at every replica."""
    session = replicas.log_in(*user)
    assert (session.api(), session.web()) == ([200, 200], [200, 200])
    return session


@pytest.mark.parametrize(
    "change",
    [
        lambda name: ("users", "remove", name),
        lambda name: ("users", "role", name, "--role", "loan-officer"),
        lambda name: ("users", "password", name),
        lambda name: ("users", "end-sessions", name),
    ],
    ids=["removed", "another role", "another password", "sessions ended"],
)
def test_tokens_and_sessions_end(
    replicas: TwoReplicas,
    user: tuple[str, str],
    logged_in: LoggedIn,
    change: Callable[[str], tuple[str, ...]],
) -> None:
    replicas.scoring(*change(user[0]))
    ends_within_5_seconds(logged_in)


def test_reusing_a_name_revives_no_token_or_session(
    replicas: TwoReplicas, user: tuple[str, str], logged_in: LoggedIn
) -> None:
    replicas.scoring("users", "remove", user[0])
    password = replicas.service.add_user(user[0], Role.RISK_MANAGER)
    ends_within_5_seconds(logged_in)
    assert replicas.log_in(user[0], password).is_in_everywhere()
    assert logged_in.is_out_everywhere()


def test_a_new_role_applies_after_the_next_login(replicas: TwoReplicas, user: tuple[str, str]) -> None:
    replicas.log_in(*user)
    replicas.scoring("users", "role", user[0], "--role", "loan-officer")
    again = replicas.log_in(*user)
    assert again.is_in_everywhere()
    for page in replicas.pages:
        assert again.browser.get(f"{page}/audit").status_code == 403


def test_logging_out_ends_every_copy_of_the_cookie_at_every_replica(
    replicas: TwoReplicas, logged_in: LoggedIn
) -> None:
    copy = replicas.browser(**{COOKIE: logged_in.browser.cookies[COOKIE]})
    stolen = LoggedIn(replicas, logged_in.token, copy)
    assert stolen.web() == [200, 200]
    logged_in.browser.post(f"{replicas.pages[0]}/logout")
    assert stolen.browser.get(f"{replicas.pages[0]}/decisions").status_code == 303
    eventually(lambda: stolen.web() == [303, 303], within=5.0)
    assert logged_in.api() == [200, 200]  # a token is not a session


def test_an_administrator_lists_and_ends_sessions(
    replicas: TwoReplicas, user: tuple[str, str], logged_in: LoggedIn
) -> None:
    (line,) = [each for each in replicas.scoring("sessions", "list").splitlines() if user[0] in each]
    assert "from 127.0.0.1" in line
    key = line.split()[0]
    cookie = logged_in.browser.cookies[COOKIE]
    secret = json.loads(base64.b64decode(cookie.partition(".")[0]))["key"]
    assert secret[:16] not in line
    assert secret[:16].encode().hex() not in line
    replicas.scoring("sessions", "end", key)
    eventually(lambda: logged_in.web() == [303, 303], within=5.0)
    assert user[0] not in replicas.scoring("sessions", "list")
