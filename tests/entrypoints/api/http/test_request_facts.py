"""Middleware sees the facts that logs and metrics need, and no personal data."""

from dataclasses import replace

import pytest
from litestar.testing import TestClient

from domain.access.user import Role
from entrypoints.api.app import create_app


@pytest.fixture
def seen(service):
    """The status, route template and facts of each request, as middleware sees them."""
    noted = []

    def watch(app):
        async def watching(scope, receive, send):
            status = []

            async def watched_send(message):
                if message["type"] == "http.response.start":
                    status.append(message["status"])
                await send(message)

            await app(scope, receive, watched_send)
            noted.append((status, scope.get("path_template"), scope["state"].get("observed", {})))

        return watching

    async def broken(*given, **named):
        raise ZeroDivisionError

    use_cases = replace(service.use_cases(), read_decision=broken)
    with TestClient(
        create_app(use_cases, version="1", middleware=[watch]), raise_server_exceptions=False
    ) as client:
        service.client = client
        yield noted


def test_a_decision_is_observed(service, seen):
    response = service.ask().json()
    [(status, template, facts)] = seen
    assert (status, template) == ([200], "/api/v1/predictions")
    assert facts == {
        "request_id": response["request_id"],
        "actor": "broker",
        "role": "service",
        "decision_id": response["request_id"],
        "outcome": response["prediction"]["outcome"],
        "grade": response["prediction"]["grade"],
        "confidence": response["prediction"]["confidence"],
        "model_version": response["prediction"]["model_version"],
        "policy_version": "3",
    }


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda service: service.ask(dti=-1), (422, "/api/v1/predictions", "invalid-application")),
        (lambda service: service.client.get("/nothing"), (404, None, "not-found")),
        (lambda service: service.client.delete("/health/live"), (405, None, "method-not-allowed")),
        (lambda service: service.ask(role=Role.AUDITOR), (403, "/api/v1/predictions", "not-permitted")),
    ],
)
def test_rejections_are_observed_with_the_status_that_the_caller_gets(service, seen, call, expected):
    call(service)
    [([status], template, facts)] = seen
    assert (status, template, facts["problem"]) == expected


def test_failures_are_observed_by_type(service, seen):
    service.get("/api/v1/decisions/01a20934-a7ba-7f69-ba54-405ad833ce18")
    [(statuses, template, facts)] = seen
    assert (statuses, facts["error"]) == ([500], "ZeroDivisionError")
    assert template == "/api/v1/decisions/{decision_id}"


def test_the_first_middleware_is_the_outermost(service):
    order = []

    def named(name):
        def wrap(app):
            async def called(scope, receive, send):
                order.append(name)
                await app(scope, receive, send)

            return called

        return wrap

    app = create_app(service.use_cases(), version="1", middleware=[named("first"), named("second")])
    with TestClient(app) as client:
        client.get("/health/live")
    assert order == ["first", "second"]
