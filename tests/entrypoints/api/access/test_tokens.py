"""A password is traded for a token, and only a good token opens anything."""

import asyncio
from datetime import timedelta

import pytest

from domain.access.user import Actor, Role, User
from entrypoints.api.decisions.loan_application_body import EXAMPLE
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


def test_a_password_gets_a_token_that_opens_the_service(ann):
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
def test_which_of_the_two_was_wrong_is_not_told(ann, problem, wrong):
    body = "&".join(f"{name}={value}" for name, value in {**FORM, **wrong}.items())
    response = ann.client.post(
        "/api/v1/auth/token",
        content=body.encode("utf-8", "replace"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    told = problem(response, 400)
    assert told["error"] == "invalid_grant"
    assert told["detail"] == "The name or the password is wrong."
    assert PASSWORD not in response.text


@pytest.mark.parametrize("missing", ["grant_type", "username", "password"])
def test_what_is_missing_is_named(ann, problem, missing):
    told = problem(log_in(ann, **{missing: ...}), 400)
    assert told["error"] == "invalid_request"
    assert [fault["field"] for fault in told["errors"]] == [missing]


def test_other_grants_are_not_supported(ann, problem):
    assert problem(log_in(ann, grant_type="client_credentials"), 400)["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "body", [b"grant_type=password&username=a&username=b&password=c", b"\xff=1", b"a=1&" * 99]
)
def test_a_form_that_cannot_be_read_is_refused(ann, problem, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    told = problem(ann.client.post("/api/v1/auth/token", content=body, headers=headers), 400)
    assert told["error"] == "invalid_request"


def test_json_is_not_a_form(ann, problem):
    problem(ann.client.post("/api/v1/auth/token", json=FORM), 415)


def test_a_huge_form_is_not_read(ann, problem):
    problem(log_in(ann, password="x" * 9000), 413)


@pytest.mark.parametrize(
    "credentials",
    [b"", b"Bearer", b"Bearer ", b"Basic YTpi", b"Token x", b"Bearer x", b"Bearer \xff\xfe", b"bearer a.b.c"],
)
def test_what_is_no_token_opens_nothing(service, problem, credentials):
    headers = {"Authorization": credentials}
    response = service.client.post("/api/v1/predictions", json=EXAMPLE, headers=headers)
    problem(response, 401)
    assert response.headers["www-authenticate"].startswith("Bearer ")


def test_an_expired_token_opens_nothing(service, problem):
    token = service.tokens.issue(Actor("ann", Role.SERVICE), timedelta(seconds=-1)).token
    headers = {"Authorization": f"Bearer {token}"}
    response = service.client.get("/api/v1/decisions", headers=headers)
    assert problem(response, 401)["error"] == "invalid_token"
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_who_calls_is_asked_before_what(service, problem):
    response = service.client.post("/api/v1/predictions", content=b"{", headers={"Content-Type": "text/plain"})
    problem(response, 401)


def test_after_ten_wrong_passwords_none_is_looked_at_and_the_caller_is_told_when_to_come_back(ann, problem):
    assert [log_in(ann, password="wrong").status_code for _ in range(10)] == [400] * 10
    refused = log_in(ann)
    told = problem(refused, 429)
    assert told["type"] == "urn:credit-scoring:problem:too-many-attempts"
    assert 1 <= int(refused.headers["retry-after"]) <= 90
    assert f"{refused.headers['retry-after']} s" in told["detail"]
    assert refused.headers["cache-control"] == "no-store"


def test_whether_a_name_exists_is_not_told_by_how_often_it_may_fail(ann, problem):
    told = []
    for name in ("ann", "nobody"):
        answers = [log_in(ann, username=name, password="wrong") for _ in range(12)]
        details = [{**answer.json(), "request_id": "", "detail": ""} for answer in answers]
        told.append([(answer.status_code, detail) for answer, detail in zip(answers, details, strict=True)])
    assert told[0] == told[1]
    assert [status for status, _ in told[0]] == [400] * 10 + [429] * 2
