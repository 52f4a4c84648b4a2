"""Administrators manage users, their passwords and their sessions through the API."""

import asyncio
from datetime import UTC, datetime
from typing import get_args, get_type_hints

import pytest

from domain.access.user import ASSIGNABLE_ROLES, Role, User
from domain.access.web_session import WebSession
from domain.audit.event import EventKind
from entrypoints.api.access.user_schemas import NewUser
from support.builders import an_event

USERS = "/api/v1/users"
PASSWORD = "correct horse battery staple"
PROBLEM = "urn:credit-scoring:problem:"


@pytest.fixture
def bank(service):
    """The service with an admin, a loan officer and a calling system."""
    for name, role in (("ada", Role.ADMIN), ("marta", Role.LOAN_OFFICER), ("portal", Role.SERVICE)):
        user = User(name, role, service.passwords.hash(PASSWORD))
        asyncio.run(service.users.add(user, event=an_event()))
    return service


def log_in(bank, name, password=PASSWORD):
    form = {"grant_type": "password", "username": name, "password": password}
    return bank.client.post("/api/v1/auth/token", data=form)


def as_(bank, name="ada", password=PASSWORD):
    return {"Authorization": f"Bearer {log_in(bank, name, password).json()['access_token']}"}


def ask(bank, method, path="", *, by="ada", **request):
    headers = as_(bank, by) | request.pop("headers", {})
    return bank.client.request(method, f"{USERS}{path}", headers=headers, **request)


def etag_of(bank, name):
    return ask(bank, "GET", f"/{name}").headers["etag"]


def events(bank, kind):
    return [event for event in bank.decisions.events() if event.kind is kind]


def test_the_roles_of_the_schema_are_those_of_the_domain():
    described = get_args(get_type_hints(NewUser)["role"])
    assert set(described) == {role.value for role in ASSIGNABLE_ROLES}


def test_an_added_user_logs_in_with_the_password_shown_once(bank):
    added = ask(bank, "POST", json={"name": "rui", "role": "risk manager"})
    assert added.status_code == 201
    assert added.headers["location"] == f"{USERS}/rui"
    assert added.headers["cache-control"] == "no-store"
    assert added.json()["must_change_password"]
    assert log_in(bank, "rui", added.json()["password"]).json()["type"] == f"{PROBLEM}password-change-required"
    (event,) = events(bank, EventKind.USER_ADDED)
    assert (event.actor, event.details) == ("ada", {"user": "rui", "role": "risk manager"})
    assert added.json()["password"] not in str(bank.decisions.events())


def test_a_repeated_request_does_not_add_the_user_again(bank):
    body = {"name": "rui", "role": "risk manager"}
    ask(bank, "POST", json=body)
    again = ask(bank, "POST", json=body)
    assert (again.status_code, again.json()["type"]) == (409, f"{PROBLEM}username-taken")
    assert len(events(bank, EventKind.USER_ADDED)) == 1


def test_a_new_service_can_call_at_once(bank):
    added = ask(bank, "POST", json={"name": "broker", "role": "service"}).json()
    assert not added["must_change_password"]
    assert log_in(bank, "broker", added["password"]).status_code == 200


def test_every_error_of_the_body_is_named(bank):
    wrong = ask(bank, "POST", json={"name": "", "role": "boss", "rolle": "x", "must_change_password": "no"})
    assert wrong.status_code == 422
    named = {error["field"] for error in wrong.json()["errors"]}
    assert named == {"name", "role", "rolle", "must_change_password"}
    assert {error["field"] for error in ask(bank, "POST", json={}).json()["errors"]} == {"name", "role"}
    reserved = ask(bank, "POST", json={"name": "os:root", "role": "auditor"})
    assert reserved.json()["errors"][0]["field"] == "name"
    assert ask(bank, "POST", json=["marta"]).status_code == 400


def test_an_unknown_role_is_answered_with_those_there_are(bank):
    """The command line writes them with a hyphen."""
    refused = ask(bank, "POST", "", json={"name": "olga", "role": "loan-officer"})
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    allowed = f"one of {', '.join(sorted(role.value for role in ASSIGNABLE_ROLES))}"
    assert fault == {
        "field": "role",
        "problem": "is not recognized",
        "allowed": allowed,
        "value": "loan-officer",
    }


def test_the_list_says_who_logged_in_when_and_who_is_locked_out(bank):
    for _ in range(30):
        log_in(bank, "marta", "wrong")
    users = {user["name"]: user for user in ask(bank, "GET").json()["users"]}
    assert list(users) == ["ada", "marta", "portal"]
    assert datetime.fromisoformat(users["marta"]["locked_until"]) > datetime.now(UTC)
    assert users["ada"]["last_login_at"] is not None
    assert users["portal"]["last_login_at"] is users["ada"]["locked_until"] is None
    assert "password_hash" not in str(users)


def test_a_locked_user_logs_in_after_being_unlocked(bank):
    for _ in range(30):
        log_in(bank, "marta", "wrong")
    assert log_in(bank, "marta").status_code == 429
    headers = as_(bank)
    assert bank.client.post(f"{USERS}/marta/unlock", headers=headers).status_code == 204
    assert log_in(bank, "marta").status_code == 200


def test_a_changed_role_applies_at_once_and_is_recorded(bank):
    before = as_(bank, "marta")
    assert bank.client.get("/api/v1/decisions", headers=before).status_code == 200
    changed = ask(bank, "PATCH", "/marta", json={"role": "admin"}, headers={"If-Match": etag_of(bank, "marta")})
    assert (changed.status_code, changed.json()["role"]) == (200, "admin")
    assert changed.headers["etag"] == changed.json()["etag"] == etag_of(bank, "marta")
    assert bank.client.get("/api/v1/decisions", headers=before).status_code == 401
    assert bank.client.get("/api/v1/decisions", headers=as_(bank, "marta")).status_code == 403
    (event,) = events(bank, EventKind.ROLE_CHANGED)[-1:]
    assert (event.actor, event.details) == ("ada", {"user": "marta", "role": "admin"})


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_of_an_outdated_state_is_rejected(bank, method):
    body = {"json": {"role": "auditor"}} if method == "PATCH" else {}
    assert ask(bank, method, "/marta", **body).status_code == 428
    read = etag_of(bank, "marta")
    ask(bank, "POST", "/marta/password", json={})
    for tag in (read, f"W/{read}", "marta", '"x"', '"' + "9" * 30 + '"'):
        outdated = ask(bank, method, "/marta", **body, headers={"If-Match": tag})
        assert (outdated.status_code, outdated.json()["type"]) == (412, f"{PROBLEM}user-changed"), tag
        if tag == read:
            assert outdated.json()["detail"].startswith("The user marta was changed"), "names are case-sensitive"
    assert ask(bank, "GET", "/marta").json()["role"] == "loan officer"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "/ada", {"role": "loan officer"}), ("DELETE", "/ada", None), ("POST", "/ada/password", {})],
)
def test_administrators_cannot_change_their_own_account(bank, method, path, body):
    ask(bank, "POST", json={"name": "bea", "role": "admin"})
    refused = ask(bank, method, path, json=body, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"]) == (409, f"{PROBLEM}own-account")
    assert ask(bank, "GET", "/ada").json()["role"] == "admin"


def test_a_reset_password_replaces_the_old_one_and_ends_tokens(bank):
    before = as_(bank, "portal")
    new = ask(bank, "POST", "/portal/password").json()
    assert not new["must_change_password"]
    assert bank.client.get("/api/v1/decisions", headers=before).status_code == 401
    assert log_in(bank, "portal").status_code == 400
    assert log_in(bank, "portal", new["password"]).status_code == 200


def test_the_tokens_of_a_service_are_revoked(bank):
    stolen = as_(bank, "portal")
    assert ask(bank, "DELETE", "/portal/sessions").status_code == 204
    assert bank.client.get("/api/v1/decisions", headers=stolen).status_code == 401
    (event,) = events(bank, EventKind.SESSIONS_ENDED)
    assert (event.actor, event.details) == ("ada", {"user": "portal"})


def test_sessions_are_listed_and_one_is_ended(bank):
    now = datetime.now(UTC)
    generation = bank.users._users["marta"].generation
    for number in (1, 2):
        session = WebSession(bytes([number]) * 16, "marta", generation, "192.0.2.1", now, now)
        asyncio.run(bank.web_sessions.add(session))
    listed = ask(bank, "GET", "/marta/sessions").json()["sessions"]
    assert {session["session_id"] for session in listed} == {"01" * 16, "02" * 16}
    assert ask(bank, "GET", "/marta").json()["open_sessions"] == 2
    assert ask(bank, "DELETE", f"/ada/sessions/{'01' * 16}").status_code == 404, "the session of another user"
    assert ask(bank, "DELETE", f"/marta/sessions/{'01' * 16}").status_code == 204
    assert ask(bank, "DELETE", f"/marta/sessions/{'01' * 16}").status_code == 404
    assert ask(bank, "DELETE", "/marta/sessions/zz").status_code == 404
    (left,) = ask(bank, "GET", "/marta/sessions").json()["sessions"]
    assert left["session_id"] == "02" * 16


def test_a_removed_user_is_gone(bank):
    assert ask(bank, "DELETE", "/marta", headers={"If-Match": etag_of(bank, "marta")}).status_code == 204
    assert ask(bank, "GET", "/marta").status_code == 404
    assert log_in(bank, "marta").status_code == 400


def test_names_with_spaces_and_accents_have_an_address(bank):
    added = ask(bank, "POST", json={"name": "José da Silva", "role": "auditor"})
    assert bank.client.get(added.headers["location"], headers=as_(bank)).json()["name"] == "José da Silva"


def test_others_learn_nothing_about_users(bank):
    for path in ("", "/marta", "/absent", "/marta/sessions", "/absent/sessions"):
        refused = ask(bank, "GET", path, by="marta")
        assert (refused.status_code, refused.json()["type"]) == (403, f"{PROBLEM}not-permitted"), path
