"""Every request has one log line and its metrics, even if it fails."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.observability.observability import Observability

Start = Callable[..., Observability]
Lines = Callable[[], list[dict[str, Any]]]


def responding(status: int = 200, route: str | None = "/loans/{id}", **facts: str) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if route is not None:
            scope["path_template"] = route
        if facts:
            scope["state"]["observed"] = facts
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}", "more_body": False})

    return app


def metrics(observability: Observability) -> str:
    return observability.metrics.exposition()[0].decode()


async def test_a_request_is_one_line_with_the_facts_of_its_handler(
    start: Start, lines: Lines, request_through: Any
) -> None:
    facts = {
        "request_id": "r-1",
        "decision_id": "d-1",
        "outcome": "approved",
        "actor": "marta",
        "role": "loan officer",
    }
    app = start().middleware(responding(201, **facts, salary="50000"))
    await request_through(app, method="POST", path="/loans/7")
    (line,) = lines()
    assert line.pop("duration_ms") >= 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "route": "/loans/{id}",
        "status": 201,
        **facts,
    }


async def test_a_request_is_counted_by_route_method_and_status_class(start: Start, request_through: Any) -> None:
    observability = start()
    for status in (200, 204, 404, 503):
        await request_through(observability.middleware(responding(status)), path="/loans/7", method="PUT")
    text = metrics(observability)
    assert 'scoring_request_duration_seconds_count{method="PUT",route="/loans/{id}",status="2xx"} 2.0' in text
    assert 'scoring_request_duration_seconds_count{method="PUT",route="/loans/{id}",status="4xx"} 1.0' in text
    assert 'scoring_request_duration_seconds_count{method="PUT",route="/loans/{id}",status="5xx"} 1.0' in text
    assert "scoring_requests_in_progress 0.0" in text


async def test_unknown_paths_and_methods_add_no_series_and_are_not_quoted(
    start: Start, log: Any, request_through: Any
) -> None:
    observability = start()
    app = observability.middleware(responding(404, route=None))
    for number in range(50):
        await request_through(app, method="GET", path=f"/ssn-{number}", query_string=b"income=fifty-thousand")
    await request_through(app, method="PROPFIND", path="/x")
    text = metrics(observability)
    assert text.count("scoring_request_duration_seconds_count{") == 2
    assert 'method="other",route="unmatched"' in text
    for secret in ("ssn-", "fifty"):
        assert secret not in log.getvalue()
        assert secret not in text


async def test_health_checks_are_logged_only_if_they_fail(
    start: Start, lines: Lines, request_through: Any
) -> None:
    observability = start()
    for route in ("/health/live", "/health/ready"):
        await request_through(observability.middleware(responding(200, route)), path=route)
    assert lines() == []
    await request_through(observability.middleware(responding(500, "/health/ready", error="KeyError")))
    assert lines()[0]["level"] == "error"


async def test_health_checks_are_logged_at_level_debug(start: Start, lines: Lines, request_through: Any) -> None:
    app = start(log_level="debug").middleware(responding(200, "/health/live"))
    await request_through(app)
    assert [line["level"] for line in lines()] == ["debug"]


async def test_an_uncaught_exception_is_logged_by_type_and_raised(
    start: Start, lines: Lines, log: Any, request_through: Any
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("income 50000")

    observability = start()
    with pytest.raises(ZeroDivisionError):
        await request_through(observability.middleware(app))
    (line,) = lines()
    assert (line["level"], line["status"], line["error"]) == ("error", 500, "ZeroDivisionError")
    assert "50000" not in log.getvalue()
    assert 'scoring_errors_total{type="ZeroDivisionError",where="request"} 1.0' in metrics(observability)


async def test_an_unexpected_error_that_was_handled_is_counted(start: Start, request_through: Any) -> None:
    observability = start()
    await request_through(observability.middleware(responding(500, error="KeyError")))
    assert 'scoring_errors_total{type="KeyError",where="request"} 1.0' in metrics(observability)


async def test_a_streamed_response_is_passed_on_in_chunks_and_timed_to_its_end(
    start: Start, lines: Lines, request_through: Any
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["path_template"] = "/rows"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(5):
            await asyncio.sleep(0.01)
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": number < 4})

    sent = await request_through(start().middleware(app))
    assert b"".join(message.get("body", b"") for message in sent) == b"01234"
    assert len(sent) == 6
    assert lines()[0]["duration_ms"] >= 40


async def test_an_interrupted_stream_keeps_the_status_that_was_sent(
    start: Start, lines: Lines, request_through: Any
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await request_through(start().middleware(app))
    assert (lines()[0]["status"], lines()[0]["error"]) == (200, "ConnectionResetError")


async def test_websockets_and_lifespan_are_not_observed(start: Start, lines: Lines, request_through: Any) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    observed = start().middleware(app)
    for kind in ("websocket", "lifespan"):
        await request_through(observed, type=kind)
    assert seen == ["websocket", "lifespan"]
    assert lines() == []


async def test_the_route_template_of_another_framework_is_found(
    start: Start, lines: Lines, request_through: Any
) -> None:
    class Route:
        path = "/decision/{decision_id}"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope["state"]
        scope["route"] = Route()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await request_through(start().middleware(app))
    assert lines()[0]["route"] == "/decision/{decision_id}"


async def test_static_files_are_logged_at_level_debug_or_if_missing(
    start: Start, lines: Lines, request_through: Any
) -> None:
    observability = start()
    for route in ("/assets/{name}", None):
        await request_through(observability.middleware(responding(200, route)))
    assert lines() == []
    await request_through(observability.middleware(responding(404, None)))
    assert [line["status"] for line in lines()] == [404]
