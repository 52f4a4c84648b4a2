"""Every error is a problem detail, and the unexpected tells nothing of itself."""

import logging
from dataclasses import replace

import pytest
from litestar.testing import TestClient

from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.decisions.idempotency import OriginalResponseUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.user import Role
from entrypoints.api.app import create_app
from entrypoints.api.decisions.loan_application_body import EXAMPLE


class Broken:
    """Stands for any use case, and fails."""

    def __init__(self, fault):
        self.fault = fault

    async def __call__(self, *given, **named):
        raise self.fault


def client_of(service, **broken):
    app = create_app(replace(service.use_cases(), **broken), version="1")
    service.client = TestClient(app, raise_server_exceptions=False)
    return service.client


@pytest.mark.parametrize("path", ["/api", "/api/v1/nothing", "/caf%C3%A9", "/%ff", "/" + "x" * 3000])
def test_an_unknown_path_is_a_404(service, problem, path):
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
def test_a_method_that_is_not_possible_says_which_are(service, problem, method, path, allowed):
    response = service.client.request(method, path)
    problem(response, 405)
    assert set(response.headers["allow"].split(", ")) == allowed


def test_a_ledger_that_is_down_means_try_again(service, problem):
    client_of(service, assess=Broken(LedgerUnavailable("10.0.0.7 refused")))
    response = service.ask()
    told = problem(response, 503)
    assert told["type"] == "urn:credit-scoring:problem:ledger-unavailable"
    assert int(response.headers["retry-after"]) > 0
    assert "10.0.0.7" not in response.text


def test_a_record_that_nobody_confirmed_may_be_there(service, problem):
    client_of(service, assess=Broken(CommitUnconfirmed("10.0.0.7 said nothing")))
    response = service.ask()
    told = problem(response, 503)
    assert told["type"] == "urn:credit-scoring:problem:outcome-unknown"
    assert "Nothing was decided" not in told["detail"]
    assert "same Idempotency-Key" in told["detail"]
    assert int(response.headers["retry-after"]) > 0
    assert "10.0.0.7" not in response.text


def test_a_key_whose_first_answer_is_gone_is_said_so(service, problem):
    client_of(
        service, assess_once=Broken(OriginalResponseUnavailable("the decision that this key stands for is gone"))
    )
    headers = service.as_(Role.SERVICE) | {"Idempotency-Key": "once"}
    told = problem(service.client.post("/api/v1/predictions", json=EXAMPLE, headers=headers), 409)
    assert told["type"] == "urn:credit-scoring:problem:first-answer-not-kept"
    assert told["detail"] == "The decision that this key stands for is gone. Nothing was done. Use a new key."


def test_anything_else_that_is_down_means_try_again(service, problem):
    client_of(service, list_decisions=Broken(DependencyUnavailable("10.0.0.7 refused")))
    response = service.get("/api/v1/decisions")
    assert problem(response, 503)["type"] == "urn:credit-scoring:problem:temporarily-unavailable"
    assert "10.0.0.7" not in response.text


@pytest.mark.parametrize("route", ["assess", "list_decisions"])
def test_the_unexpected_is_logged_with_its_traceback_and_not_told(service, problem, caplog, route):
    client_of(service, **{route: Broken(ZeroDivisionError("secret detail"))})
    response = service.ask() if route == "assess" else service.get("/api/v1/decisions")
    told = problem(response, 500)
    assert "secret" not in response.text
    assert "ZeroDivisionError" not in response.text
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.request_id == told["request_id"]
    assert "secret detail" in caplog.text


def test_every_problem_has_its_security_headers(service):
    for response in (service.client.get("/nothing"), service.ask(b"{")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
