"""Error reports as received by a server of Sentry's protocol."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk

from adapters.observability.error_reports import RepeatLimit
from adapters.observability.observability import Observability
from application.operational_error import OperationalError
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.user import PermissionDenied
from support.sentry_receiver import dsn, received_events, received_items

Start = Callable[..., Observability]


@pytest.fixture(autouse=True)
def no_sentry_afterwards() -> Iterator[None]:
    yield
    sentry_sdk.get_global_scope().set_client(None)


def decide(income: float) -> None:
    raise ValueError(f"cannot decide on {income}\nDETAIL: ({income})")


def log_failure(logger: str = "api", **extra: str) -> None:
    try:
        decide(50_123.0)
    except ValueError:
        logging.getLogger(logger).exception("failed for %s", "50123", extra=extra)


def test_a_logged_error_is_reported_with_its_stack(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver), environment="staging")
    log_failure(request_id="r-1")
    observability.close()
    (report,) = received_events(receiver)
    assert (report["release"], report["environment"]) == ("scoring-test@1.2.3", "staging")
    assert report["level"] == "error"
    (exception,) = report["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("ValueError", "cannot decide on #")
    assert exception["stacktrace"]["frames"][-1]["function"] == "decide"
    assert report["extra"] == {"request_id": "r-1"}


def test_a_report_holds_no_personal_data(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    sentry_sdk.set_user({"username": "applicant"})
    sentry_sdk.add_breadcrumb(message="income 50123")
    log_failure(annual_inc="50123")
    observability.close()
    (report,) = received_events(receiver)
    assert all("vars" not in frame for frame in report["exception"]["values"][0]["stacktrace"]["frames"])
    assert "params" not in report["logentry"]
    assert report["logentry"]["formatted"] == "failed for #"
    assert not report.keys() & {"request", "user", "breadcrumbs", "contexts", "modules"}
    del report["exception"]["values"][0]["stacktrace"]  # which quotes the code of this file
    for value in ("50123", "50_123", "applicant", "annual_inc", "sys.argv"):
        assert value not in json.dumps(report)


@pytest.mark.parametrize(
    ("message", "reported"),
    [
        ("invalid input for query argument $4: 'Jane Doe' (expected a date)", "argument $#: # (expected a date)"),
        ('invalid input syntax for type uuid: "jane"', "type uuid: #"),
        ("it can't be -1200, 5e4, +1.2e-05 or 1985-03-02", "it can't be # #, # or #"),
        ("batch 01890a5d-ac96-774b-bcce-b302099a8057", "batch 01890a5d-ac96-774b-bcce-b302099a8057"),
    ],
)
def test_values_in_messages_are_not_reported(start: Start, receiver: Any, message: str, reported: str) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    logging.getLogger("api").error("failed", exc_info=ValueError(message))
    observability.close()
    (report,) = received_events(receiver)
    assert report["exception"]["values"][0]["value"].endswith(reported)


async def test_an_uncaught_error_of_a_request_is_reported_once_with_its_trace_and_decision(
    start: Start, receiver: Any, request_through: Any, lines: Any
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["observed"] = {"decision_id": "d-1", "request_id": "r-1", "actor": "marta"}
        try:
            decide(50_123.0)
        except ValueError:
            logging.getLogger("api").exception("failed")
            raise

    observability = start(sentry_dsn=dsn(receiver), otlp_endpoint="http://127.0.0.1:9")
    with pytest.raises(ValueError, match="cannot decide"):
        await request_through(
            observability.middleware(app),
            method="POST",
            query_string=b"annual_inc=50123",
            headers=[(b"authorization", b"Bearer s3cret")],
            body=b'{"annual_inc": 50123}',
        )
    observability.close()
    (report,) = received_events(receiver)
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert report["tags"] == {"decision_id": "d-1", "request_id": "r-1", "trace_id": line["trace_id"]}
    assert "s3cret" not in json.dumps(report)


@pytest.mark.parametrize("kind", [DependencyUnavailable, LedgerUnavailable, CommitUnconfirmed, OperationalError])
async def test_an_outage_is_not_reported(start: Start, receiver: Any, request_through: Any, kind: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            raise kind("the database does not answer")
        except OperationalError:
            logging.getLogger("api").exception("failed")
            raise

    observability = start(sentry_dsn=dsn(receiver))
    with pytest.raises(kind):
        await request_through(observability.middleware(app))
    observability.close()
    assert received_items(receiver) == []


async def test_the_callers_faults_are_not_reported(start: Start, receiver: Any, request_through: Any) -> None:
    class NotFound(Exception):
        status_code = 404

    observability = start(sentry_dsn=dsn(receiver))
    for fault in (NotFound(), PermissionDenied("no")):

        async def app(scope: Any, receive: Any, send: Any, fault: Exception = fault) -> None:
            raise fault

        with pytest.raises(type(fault)):
            await request_through(observability.middleware(app))
    observability.close()
    assert received_items(receiver) == []


def test_only_errors_are_reported(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    logging.getLogger("api").warning("the cache is down")
    logging.getLogger("api").info("hello")
    observability.close()
    assert received_items(receiver) == []


def test_a_repeated_error_is_reported_five_times(start: Start, receiver: Any) -> None:
    observability = start(sentry_dsn=dsn(receiver))
    for number in range(40):
        log_failure(logger=f"api.{number}")
    logging.getLogger("api").error("another")
    observability.close()
    assert [each["logentry"]["message"] for each in received_events(receiver)] == ["failed for %s"] * 5 + [
        "another"
    ]


def test_errors_are_reported_again_after_a_while_with_the_number_of_those_that_were_not() -> None:
    now = 0.0
    limit = RepeatLimit(admitted=2, seconds=60, clock=lambda: now)
    assert [limit.admit(("ValueError",)) for _ in range(5)] == [0, 0, None, None, None]
    assert limit.admit(("KeyError",)) == 0
    now = 60.0
    assert [limit.admit(("ValueError",)) for _ in range(3)] == [3, 0, None]


def test_an_unreachable_server_does_not_delay_the_shutdown(start: Start, unused_tcp_port: int) -> None:
    observability = start(sentry_dsn=f"http://public@127.0.0.1:{unused_tcp_port}/1")
    logging.getLogger("api").error("failed")
    started = time.monotonic()
    observability.close()
    assert time.monotonic() - started < 2.2
