"""A password gets an access token, and only a valid token gives access."""

import asyncio
from datetime import timedelta

import pytest

from domain.access.user import Actor, Role, User
from domain.products.personal_loan import EXAMPLE
from support.builders import an_event

PASSWORD = "correct horse battery staple"
FORM = {"grant_type": "password", "username": "ann", "password": PASSWORD}


@pytest.fixture
def ann(service):
    asyncio.run(service.users.add(User("ann", Role.SERVICE, service.passwords.hash(PASSWORD)), event=an_event()))
    return service


def log_in(service, **changed):
    form = {name: value for name, value in {**FORM, **changed}.items() if value is not ...}
    return service.client.post("/api/v1/auth/token", data=form)


def test_a_password_gets_a_token_for_the_service(ann):
    response = log_in(ann)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    answer = response.json()
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)
    headers = {"Authorization": f"bearer {answer['access_token']}"}
    decided = ann.client.post("/api/v1/predictions", json=EXAMPLE, headers=headers)
    assert decided.status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"username": "bob"}, {"username": "a\0nn"}, {"username": "ann\ud800"}]
)
def test_the_error_does_not_say_whether_name_or_password_was_wrong(ann, problem, wrong):
    body = "&".join(f"{name}={value}" for name, value in {**FORM, **wrong}.items())
    response = ann.client.post(
        "/api/v1/auth/token",
        content=body.encode("utf-8", "replace"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    content = problem(response, 400)
    assert content["error"] == "invalid_grant"
    assert content["detail"] == "The name or the password is wrong."
    assert PASSWORD not in response.text


@pytest.mark.parametrize("missing", ["grant_type", "username", "password"])
def test_missing_fields_are_named(ann, problem, missing):
    content = problem(log_in(ann, **{missing: ...}), 400)
    assert content["error"] == "invalid_request"
    assert [error["field"] for error in content["errors"]] == [missing]


def test_other_grants_are_not_supported(ann, problem):
    assert problem(log_in(ann, grant_type="client_credentials"), 400)["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "body", [b"grant_type=password&username=a&username=b&password=c", b"\xff=1", b"a=1&" * 99]
)
def test_a_malformed_form_is_rejected(ann, problem, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    content = problem(ann.client.post("/api/v1/auth/token", content=body, headers=headers), 400)
    assert content["error"] == "invalid_request"


def test_json_is_not_a_form(ann, problem):
    problem(ann.client.post("/api/v1/auth/token", json=FORM), 415)


def test_a_large_form_gets_413(ann, problem):
    problem(log_in(ann, password="x" * 9000), 413)


@pytest.mark.parametrize(
    "credentials",
    [b"", b"Bearer", b"Bearer ", b"Basic YTpi", b"Token x", b"Bearer x", b"Bearer \xff\xfe", b"bearer a.b.c"],
)
def test_an_invalid_token_gets_401(service, problem, credentials):
    headers = {"Authorization": credentials}
    response = service.client.post("/api/v1/predictions", json=EXAMPLE, headers=headers)
    problem(response, 401)
    assert response.headers["www-authenticate"].startswith("Bearer ")


def test_an_expired_token_gets_401(service, problem):
    token = service.tokens.issue(Actor("ann", Role.SERVICE), timedelta(seconds=-1)).token
    headers = {"Authorization": f"Bearer {token}"}
    response = service.client.get("/api/v1/decisions", headers=headers)
    assert problem(response, 401)["error"] == "invalid_token"
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_authentication_comes_before_validation(service, problem):
    response = service.client.post("/api/v1/predictions", content=b"{", headers={"Content-Type": "text/plain"})
    problem(response, 401)


def test_after_ten_wrong_passwords_logins_get_429_with_retry_after(ann, problem):
    assert [log_in(ann, password="wrong").status_code for _ in range(10)] == [400] * 10
    refused = log_in(ann)
    content = problem(refused, 429)
    assert content["type"] == "urn:credit-scoring:problem:too-many-attempts"
    assert 1 <= int(refused.headers["retry-after"]) <= 90
    assert f"{refused.headers['retry-after']} s" in content["detail"]
    assert refused.headers["cache-control"] == "no-store"


def test_login_limits_do_not_reveal_whether_a_name_exists(ann, problem):
    content = []
    for name in ("ann", "nobody"):
        responses = [log_in(ann, username=name, password="wrong") for _ in range(12)]
        details = [{**response.json(), "request_id": "", "detail": ""} for response in responses]
        content.append(
            [(response.status_code, detail) for response, detail in zip(responses, details, strict=True)]
        )
    assert content[0] == content[1]
    assert [status for status, _ in content[0]] == [400] * 10 + [429] * 2
