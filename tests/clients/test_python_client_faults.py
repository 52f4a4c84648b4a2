"""What the Python client repeats, and what it does not, when responses fail."""

import json
import time

import msgspec
import pytest

from adapters.messaging.signatures import signature
from adapters.system import SystemClock
from credit_scoring_client import (
    AsyncClient,
    Client,
    InvalidSignature,
    RequestFailed,
    RetryPolicy,
    ServiceUnavailable,
    ServiceUnreachable,
    TooManyRequests,
    UnexpectedContent,
    verify_webhook,
)
from domain.products.personal_loan import EXAMPLE
from harness.running_service import free_ports

QUICK = RetryPolicy(attempts=3, first_pause=0.01, longest_pause=0.05)
CANCELLED = {
    "batch_id": "01936b2e-7a00-7000-8000-000000000000",
    "name": "loans.csv",
    "state": "cancelled",
    "progress": {
        "rows_read": 0,
        "rows_refused": 0,
        "approved": 0,
        "referred": 0,
        "declined": 0,
        "share_done": 0.0,
    },
    "submitted_at": "2026-11-28T12:00:00Z",
    "started_at": None,
    "finished_at": None,
    "requested_by": "broker-portal",
    "size": 1,
    "sha256": "00",
    "fault": None,
    "webhook_url": None,
    "percent_as": None,
    "income_as": None,
    "decimal": None,
    "trial": False,
    "keep": [],
    "notices": [],
}
LIVE = (200, {}, b'{"status": "alive", "version": "1"}')
SECRET = (200, {}, b'{"secret": "whsec_1"}')
BUSY = (503, {"Retry-After": "0"}, b"")


def problem(status, name, **headers):
    body = {"type": f"urn:credit-scoring:problem:{name}", "title": "T", "status": status, "detail": "D"}
    return status, headers, json.dumps(body).encode()


def token(text, expires_in=3600):
    body = {"access_token": text, "token_type": "bearer", "expires_in": expires_in}
    return 200, {}, json.dumps(body).encode()


@pytest.fixture
def client(scripted):
    with Client(scripted.address, token="token", retry=QUICK) as client:
        yield client


def test_a_decision_is_repeated_with_the_same_key(scripted, client):
    scripted.script.extend([None, problem(503, "outcome-unknown"), problem(422, "invalid-application")])
    with pytest.raises(RequestFailed) as failed:
        client.predict(EXAMPLE)
    assert failed.value.kind == "invalid-application"
    keys = [headers["Idempotency-Key"] for _, headers, _ in scripted.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len({body for _, _, body in scripted.requests}) == 1


async def test_the_asynchronous_client_repeats_as_well(scripted, tmp_path):
    file = tmp_path / "loans.csv"
    file.write_bytes(b"x" * 1_000_000)
    scripted.script.extend([None, BUSY, (202, {}, json.dumps(CANCELLED).encode())])
    async with AsyncClient(scripted.address, token="token", retry=QUICK) as client:
        assert (await client.submit_batch(file)).state == "cancelled"
    assert [len(body) for _, _, body in scripted.requests] == [1_000_000] * 3


def test_a_file_is_sent_whole_with_every_attempt(scripted, client, tmp_path):
    file = tmp_path / "loans.csv"
    file.write_bytes(b"x" * 1_000_000)
    scripted.script.extend([BUSY, (202, {}, json.dumps(CANCELLED).encode())])
    client.submit_batch(file)
    assert [len(body) for _, _, body in scripted.requests] == [1_000_000] * 2


def test_attempts_are_limited(scripted, client):
    scripted.script.extend([BUSY] * 5)
    with pytest.raises(ServiceUnavailable):
        client.read_webhook_secret()
    assert len(scripted.requests) == 3


def test_an_internal_error_is_not_repeated(scripted, client):
    scripted.script.append(problem(500, "internal-error"))
    with pytest.raises(RequestFailed):
        client.predict(EXAMPLE)
    assert len(scripted.requests) == 1


def test_a_request_that_may_have_taken_effect_is_not_repeated_without_a_key(scripted, client):
    scripted.script.append(BUSY)
    with pytest.raises(ServiceUnavailable):
        client.cancel_batch(CANCELLED["batch_id"])
    assert len(scripted.requests) == 1


def test_retry_after_is_kept(scripted):
    scripted.script.extend([problem(429, "too-many-requests", **{"Retry-After": "1"}), SECRET])
    with Client(scripted.address, token="token", retry=RetryPolicy(longest_pause=2)) as client:
        began = time.monotonic()
        assert client.read_webhook_secret().secret == "whsec_1"
    assert time.monotonic() - began >= 1


def test_a_longer_retry_after_than_the_longest_pause_ends_the_call(scripted, client):
    scripted.script.append(problem(429, "too-many-attempts", **{"Retry-After": "900"}))
    with pytest.raises(TooManyRequests) as failed:
        client.read_webhook_secret()
    assert failed.value.retry_after == 900
    assert len(scripted.requests) == 1


def test_a_service_that_is_away_is_named():
    (port,) = free_ports(1)
    client = Client(f"http://127.0.0.1:{port}", token="token", retry=QUICK)
    with client, pytest.raises(ServiceUnreachable, match="ConnectError"):
        client.live()


def test_a_response_of_a_proxy_is_an_error(scripted, client):
    scripted.script.append((404, {"Content-Type": "text/html"}, b"<html>not here</html>"))
    with pytest.raises(RequestFailed, match="status 404 without a problem detail") as failed:
        client.live()
    assert (failed.value.kind, failed.value.errors, failed.value.request_id) == ("", [], None)


def test_an_access_token_is_kept_and_renewed(scripted):
    with Client(scripted.address, username="broker-portal", password="secret", retry=QUICK) as client:
        scripted.script.extend(
            [token("first"), SECRET, SECRET, problem(401, "unauthorized"), token("second"), SECRET]
        )
        for _ in range(3):
            client.read_webhook_secret()
    sent = [(path, headers.get("Authorization")) for path, headers, _ in scripted.requests]
    secret = "/api/v1/webhooks/secret"
    assert sent == [
        ("/api/v1/auth/token", None),
        (secret, "Bearer first"),
        (secret, "Bearer first"),
        (secret, "Bearer first"),
        ("/api/v1/auth/token", None),
        (secret, "Bearer second"),
    ]


def test_a_token_is_renewed_before_it_expires(scripted):
    with Client(scripted.address, username="broker-portal", password="secret", retry=QUICK) as client:
        scripted.script.extend([token("first", expires_in=0), SECRET, token("second"), SECRET])
        client.read_webhook_secret()
        client.read_webhook_secret()
    assert [headers.get("Authorization") for _, headers, _ in scripted.requests][1::2] == [
        "Bearer first",
        "Bearer second",
    ]


def test_an_unauthorized_response_is_not_repeated_forever(scripted):
    with Client(scripted.address, username="broker-portal", password="secret", retry=QUICK) as client:
        scripted.script.extend([token("first"), problem(401, "no"), token("second"), problem(401, "no")])
        with pytest.raises(RequestFailed, match="401"):
            client.read_webhook_secret()


def test_an_interrupted_download_leaves_no_file(scripted, client, tmp_path):
    headers = {"Content-Length": "100", "Content-Type": "text/csv"}
    scripted.script.append((200, headers, b"row_number\n"))
    with pytest.raises(ServiceUnreachable):
        client.read_batch_results(CANCELLED["batch_id"], tmp_path / "results.csv")
    assert list(tmp_path.iterdir()) == []


EVENT = msgspec.json.encode(
    {
        "delivery_id": "1",
        "event": "batch.done",
        "batch": {
            **{name: CANCELLED[name] for name in ("batch_id", "name", "submitted_at", "fault")},
            "state": "done",
            "finished_at": "2026-11-28T12:00:01Z",
            **dict.fromkeys(("rows_read", "rows_refused", "approved", "referred", "declined"), 3),
        },
    }
)


def test_an_authentic_webhook_is_read():
    assert (
        verify_webhook(EVENT, signature("whsec_1", EVENT, at=SystemClock().now()), "whsec_1").batch.approved == 3
    )


@pytest.mark.parametrize(
    ("header", "body", "secret", "fault"),
    [
        (None, EVENT + b" ", "whsec_1", "does not belong"),
        (None, EVENT, "whsec_2", "does not belong"),
        ("t=1764000000,v1=", EVENT, "whsec_1", "does not belong"),
        ("v1=00", EVENT, "whsec_1", "malformed"),
        ("t=¹,v1=00", EVENT, "whsec_1", "malformed"),
        ("t=1,v1=ä", EVENT, "whsec_1", "malformed"),
        ("", EVENT, "whsec_1", "malformed"),
    ],
)
def test_a_webhook_that_is_not_authentic_is_refused(header, body, secret, fault):
    if header is None:
        header = signature("whsec_1", EVENT, at=SystemClock().now())
    with pytest.raises(InvalidSignature, match=fault):
        verify_webhook(body, header, secret)


def test_a_webhook_may_have_several_signatures():
    header = signature("whsec_1", EVENT, at=SystemClock().now())
    assert verify_webhook(EVENT, f"{header},v1=00", "whsec_1") == verify_webhook(EVENT, header, "whsec_1")


def test_an_authentic_event_of_a_later_release_is_named():
    event = EVENT.replace(b"batch.done", b"batch.paused")
    with pytest.raises(UnexpectedContent, match=r"batch\.paused"):
        verify_webhook(event, signature("whsec_1", event, at=SystemClock().now()), "whsec_1")


def test_an_old_webhook_is_refused():
    header = signature("whsec_1", EVENT, at=SystemClock().now())
    with pytest.raises(InvalidSignature, match="more than 300 seconds"):
        verify_webhook(EVENT, header, "whsec_1", now=time.time() + 301)
    assert verify_webhook(EVENT, header, "whsec_1", now=time.time() + 301, tolerance=600)
