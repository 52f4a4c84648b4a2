"""Where callers' requests are limited, every route that knows its caller counts them, and no other."""

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
    """One request a second, and one at once."""

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


def test_every_route_with_a_token_refuses_too_many_and_says_so_in_its_description(service, limited, problem):
    document = limited.get("/schema").json()
    service.get("/api/v1/decisions")
    secured = [route for route in routes(document) if "security" in route[2]]
    assert len(secured) > 8
    for method, path, operation in secured:
        identified = path.replace("decision_id", "0" * 32).replace("batch_id", "0" * 32)
        answer = limited.request(method.upper(), identified, headers=service.as_(Role.SERVICE))
        told = problem(answer, 429)
        assert told["type"] == "urn:credit-scoring:problem:too-many-requests", path
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["ratelimit-policy"] == '"caller";q=1'
        assert answer.headers["ratelimit"] == '"caller";r=0;t=1'
        assert "429" in operation["responses"]


def test_what_is_open_to_all_is_not_counted(service, limited):
    service.get("/api/v1/decisions")
    for path in ("/health/live", "/health/ready", "/schema"):
        assert [limited.get(path, headers=service.as_(Role.SERVICE)).status_code for _ in range(5)] == [200] * 5


def test_the_log_line_of_a_refusal_names_caller_and_problem(service, limited, seen):
    service.ask()
    answer = service.ask()
    assert seen[-1]["actor"] == "broker"
    assert seen[-1]["problem"] == "too-many-requests"
    assert seen[-1]["request_id"] == answer.headers["x-request-id"]


def test_a_refused_application_is_not_decided(service, limited):
    assert [service.ask().status_code for _ in range(4)] == [200, 429, 429, 429]
    assert len(service.decisions._records) == 1


def test_a_token_that_is_none_is_not_counted_against_anybody(service, limited):
    for _ in range(5):
        limited.get("/api/v1/decisions", headers={"Authorization": "Bearer x"})
    assert service.ask().status_code == 200
