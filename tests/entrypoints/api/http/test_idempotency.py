"""Repeating a request with the same idempotency key returns the recorded decision."""

import json

import pytest

from domain.access.user import Actor, Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.api.http.idempotency import idempotency_key
from entrypoints.api.http.problems import RequestRejected

PATH = "/api/v1/predictions"


def post(service, key, *, actor="broker", body=None, **changed):
    headers = {
        "Authorization": f"Bearer {service.tokens.issue(Actor(actor, Role.SERVICE)).token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    return service.client.post(PATH, content=body or json.dumps({**EXAMPLE, **changed}), headers=headers)


def content(response):
    assert response.status_code == 200, response.text
    return {name: value for name, value in response.json().items() if name != "processing_time_ms"}


def test_the_same_key_returns_the_first_response_marked_as_replayed(service):
    first, second = post(service, "one"), post(service, "one")
    assert content(first) == content(second)
    assert list(content(first)) == list(content(second))
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["x-request-id"] == first.json()["request_id"]
    assert len(service.decisions._records) == 1


def test_without_a_key_every_request_makes_a_decision(service):
    assert service.ask().json()["request_id"] != service.ask().json()["request_id"]
    assert "idempotent-replayed" not in service.ask().headers


def test_another_application_with_the_same_key_gets_422(service, problem):
    first = post(service, "one")
    refused = problem(post(service, "one", loan_amnt=9_000), 422)
    assert refused["type"] == "urn:credit-scoring:problem:idempotency-key-reused"
    assert content(post(service, "one")) == content(first)
    assert len(service.decisions._records) == 1


def test_another_spelling_of_the_same_application_is_the_same_request(service):
    first = post(service, "one")
    turned = {**dict(reversed(EXAMPLE.items())), "annual_inc": 50_000, "term": " 36 months"}
    assert content(post(service, "one", body=json.dumps(turned, indent=2))) == content(first)


def test_callers_have_separate_keys(service):
    first, second = post(service, "one"), post(service, "one", actor="branch", loan_amnt=9_000)
    assert content(first)["request_id"] != content(second)["request_id"]


def test_quotation_marks_are_not_part_of_the_key(service):
    assert content(post(service, "one")) == content(post(service, '"one"'))


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", b"caf\xe9", '""'])
def test_an_invalid_key_is_rejected_and_nothing_decided(service, problem, key):
    refused = problem(post(service, key), 400)
    assert refused["type"] == "urn:credit-scoring:problem:invalid-idempotency-key"
    assert refused["errors"][0]["field"] == "Idempotency-Key"
    assert not service.decisions._records


def test_two_keys_are_rejected(service, problem):
    headers = [*service.as_(Role.SERVICE).items(), ("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    problem(service.client.post(PATH, json=EXAMPLE, headers=headers), 400)  # this client joins them
    apart = [(b"idempotency-key", b"one"), (b"idempotency-key", b"two")]
    with pytest.raises(RequestRejected, match="more than once"):
        idempotency_key(dict(apart), apart)


def test_a_rejected_application_does_not_use_its_key(service, problem):
    problem(post(service, "one", dti=-1), 422)
    assert content(post(service, "one"))
