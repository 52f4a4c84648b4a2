"""With a rate limit, every route that authenticates its caller counts requests, and no other does."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar.testing import TestClient

from adapters.memory.request_rates import MemoryRequestRates
from application.use_cases.access.enforce_rate_limit import EnforceRateLimit
from domain.access.user import Role
from entrypoints.api.app import create_app


@pytest.fixture
def seen() -> list[dict[str, str]]:
    return []


@pytest.fixture
def limited(service, seen) -> Iterator[TestClient]:
    """A limit of one request a second with a burst of one."""

    def watch(app):
        async def watching(scope, receive, send):
            await app(scope, receive, send)
            seen.append(scope["state"].get("observed", {}))

        return watching

    rates = MemoryRequestRates(1, burst=1)
    admit = EnforceRateLimit(service.tokens, service.tokens.directory, rates)
    use_cases = replace(service.use_cases(), identify_caller=admit)
    with TestClient(create_app(use_cases, version="1", middleware=[watch])) as client:
        service.client = client
        yield client


def routes(document):
    return [
        (method, path.replace("{", "").replace("}", ""), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_with_a_token_is_rate_limited_and_documents_it(service, limited, problem):
    document = limited.get("/schema").json()
    service.get("/api/v1/decisions")
    secured = [route for route in routes(document) if "security" in route[2]]
    assert len(secured) > 8
    for method, path, operation in secured:
        identified = re.sub(r"\b(?!session)\w+_id\b", "0" * 32, path).replace("/number", "/1")
        response = limited.request(method.upper(), identified, headers=service.as_(Role.SERVICE))
        content = problem(response, 429)
        assert content["type"] == "urn:credit-scoring:problem:too-many-requests", path
        assert response.headers["retry-after"] == "1"
        assert response.headers["ratelimit-policy"] == '"caller";q=1'
        assert response.headers["ratelimit"] == '"caller";r=0;t=1'
        assert "429" in operation["responses"]


def test_public_routes_are_not_rate_limited(service, limited):
    service.get("/api/v1/decisions")
    for path in ("/health/live", "/health/ready", "/schema"):
        assert [limited.get(path, headers=service.as_(Role.SERVICE)).status_code for _ in range(5)] == [200] * 5


def test_the_log_line_of_a_rejected_request_names_caller_and_problem(service, limited, seen):
    service.ask()
    response = service.ask()
    assert seen[-1]["actor"] == "broker"
    assert seen[-1]["problem"] == "too-many-requests"
    assert seen[-1]["request_id"] == response.headers["x-request-id"]


def test_a_rate_limited_application_is_not_decided(service, limited):
    assert [service.ask().status_code for _ in range(4)] == [200, 429, 429, 429]
    assert len(service.decisions._records) == 1


def test_an_invalid_token_does_not_count_against_a_caller(service, limited):
    for _ in range(5):
        limited.get("/api/v1/decisions", headers={"Authorization": "Bearer x"})
    assert service.ask().status_code == 200
