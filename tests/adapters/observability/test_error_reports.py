"""Error reports as received by a server of Sentry's protocol."""

import gzip
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk

from adapters.observability.observability import Observability

Start = Callable[..., Observability]


@pytest.fixture(autouse=True)
def no_sentry_afterwards() -> Iterator[None]:
    yield
    sentry_sdk.get_global_scope().set_client(None)


def received(receiver: Any) -> list[dict[str, Any]]:
    reports = []
    for _, headers, body in receiver.posts:
        content = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        lines = content.split(b"\n")
        for header, payload in zip(lines[1::2], lines[2::2], strict=False):
            if json.loads(header)["type"] == "event":
                reports.append(json.loads(payload))
    return reports


def dsn(receiver: Any) -> str:
    return f"http://public@{receiver.address}/42"


def decide(income: float) -> None:
    raise ValueError(f"cannot decide\nDETAIL: ({income})")


def test_a_logged_error_is_reported_with_its_stack(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    try:
        decide(50_123.0)
    except ValueError as error:
        logging.getLogger("api").exception("failed", exc_info=error, extra={"request_id": "r-1"})
    observability.close()
    (report,) = received(receiver)
    assert report["release"] == "scoring-test@1.2.3"
    (exception,) = report["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("ValueError", "cannot decide")
    assert exception["stacktrace"]["frames"][-1]["function"] == "decide"
    assert report["extra"]["request_id"] == "r-1"


def test_a_report_holds_no_variables_and_only_the_first_line_of_a_message(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    try:
        decide(50_123.0)
    except ValueError:
        logging.getLogger("api").exception("failed for %s", "50123")
    observability.close()
    (report,) = received(receiver)
    assert all("vars" not in frame for frame in report["exception"]["values"][0]["stacktrace"]["frames"])
    assert "params" not in report.get("logentry", {})
    assert not report.keys() & {"request", "user"}
    assert not report["breadcrumbs"]["values"]
    assert "sys.argv" not in report.get("extra", {})
    assert "(50123.0)" not in json.dumps(report)


async def test_an_uncaught_error_of_a_request_is_reported_once(
    start: Start, receiver: Any, request_through: Any
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            decide(50_123.0)
        except ValueError:
            logging.getLogger("api").exception("failed")
            raise

    observability = start(sentry_dsn=dsn(receiver))
    with pytest.raises(ValueError, match="cannot decide"):
        await request_through(observability.middleware(app), method="POST", body=b'{"annual_inc": 50123}')
    observability.close()
    assert len(received(receiver)) == 1


def test_only_errors_are_reported(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    logging.getLogger("api").warning("the cache is down")
    logging.getLogger("api").info("hello")
    observability.close()
    assert received(receiver) == []


def test_an_unreachable_server_does_not_delay_the_shutdown(start: Start, unused_tcp_port: int) -> None:
    observability = start(sentry_dsn=f"http://public@127.0.0.1:{unused_tcp_port}/1")
    logging.getLogger("api").error("failed")
    started = time.monotonic()
    observability.close()
    assert time.monotonic() - started < 2.2
