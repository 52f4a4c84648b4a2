"""Every error is a problem detail, and unexpected errors reveal nothing."""

import logging
from dataclasses import replace

import pytest
from litestar.testing import TestClient

from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.decisions.idempotency import OriginalResponseUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.login_records import LoginNotRecorded
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.api.app import create_app


class Broken:
    """Any use case, failing."""

    def __init__(self, error):
        self.fault = error

    async def __call__(self, *given, **named):
        raise self.fault


def client_of(service, **broken):
    app = create_app(replace(service.use_cases(), **broken), version="1")
    service.client = TestClient(app, raise_server_exceptions=False)
    return service.client


@pytest.mark.parametrize("path", ["/api", "/api/v1/nothing", "/caf%C3%A9", "/%ff", "/" + "x" * 3000])
def test_an_unknown_path_gets_404(service, problem, path):
    assert problem(service.client.get(path), 404)["type"] == "urn:credit-scoring:problem:not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/predictions", {"POST", "OPTIONS"}),
        ("DELETE", "/api/v1/decisions", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/auth/token", {"POST", "OPTIONS"}),
        ("POST", "/health/live", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/api/v1/predictions", {"POST", "OPTIONS"}),
    ],
)
def test_an_unsupported_method_gets_405_with_allow(service, problem, method, path, allowed):
    response = service.client.request(method, path)
    problem(response, 405)
    assert set(response.headers["allow"].split(", ")) == allowed


def test_an_unavailable_ledger_gets_503_with_retry_after(service, problem):
    client_of(service, assess_once=Broken(LedgerUnavailable("10.0.0.7 refused")))
    response = service.ask()
    content = problem(response, 503)
    assert content["type"] == "urn:credit-scoring:problem:ledger-unavailable"
    assert int(response.headers["retry-after"]) > 0
    assert "10.0.0.7" not in response.text


def test_an_unconfirmed_commit_gets_503_that_does_not_claim_failure(service, problem):
    client_of(service, assess_once=Broken(CommitUnconfirmed("10.0.0.7 said nothing")))
    response = service.ask()
    content = problem(response, 503)
    assert content["type"] == "urn:credit-scoring:problem:outcome-unknown"
    assert "Nothing was decided" not in content["detail"]
    assert "same Idempotency-Key" in content["detail"]
    assert int(response.headers["retry-after"]) > 0
    assert "10.0.0.7" not in response.text


def test_a_key_whose_original_response_is_gone_gets_409(service, problem):
    client_of(service, assess_once=Broken(OriginalResponseUnavailable("the decision of this key was purged")))
    headers = service.as_(Role.SERVICE) | {"Idempotency-Key": "once"}
    content = problem(service.client.post("/api/v1/predictions", json=EXAMPLE, headers=headers), 409)
    assert content["type"] == "urn:credit-scoring:problem:first-answer-not-kept"
    assert content["detail"] == "The decision of this key was purged. Nothing was done. Use a new key."


def test_any_other_unavailable_dependency_gets_503(service, problem):
    client_of(service, list_decisions=Broken(DependencyUnavailable("10.0.0.7 refused")))
    response = service.get("/api/v1/decisions")
    assert problem(response, 503)["type"] == "urn:credit-scoring:problem:temporarily-unavailable"
    assert "10.0.0.7" not in response.text


def test_a_login_that_cannot_be_recorded_is_refused_with_the_reason(service, problem):
    client_of(service, issue_access_token=Broken(LoginNotRecorded("permission denied for 10.0.0.7")))
    form = {"grant_type": "password", "username": "ada", "password": "x"}
    response = service.client.post("/api/v1/auth/token", data=form)
    content = problem(response, 503)
    assert content["type"] == "urn:credit-scoring:problem:login-not-recorded"
    assert "audit trail" in content["detail"]
    assert "10.0.0.7" not in response.text


@pytest.mark.parametrize("route", ["assess_once", "list_decisions"])
def test_an_unexpected_error_is_logged_and_not_shown(service, problem, caplog, route):
    client_of(service, **{route: Broken(ZeroDivisionError("secret detail"))})
    response = service.ask() if route == "assess_once" else service.get("/api/v1/decisions")
    content = problem(response, 500)
    assert "secret" not in response.text
    assert "ZeroDivisionError" not in response.text
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.request_id == content["request_id"]
    assert "secret detail" in caplog.text


def test_every_problem_has_security_headers(service):
    for response in (service.client.get("/nothing"), service.ask(b"{")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
