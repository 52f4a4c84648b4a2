"""Bodies that are malformed, of another media type, too large or too slow."""

import asyncio
import json

import pytest

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.http.request_body import read_body, stream_body

GOOD = json.dumps(EXAMPLE).encode()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The body is empty"),
        (b"  \n", "The body is empty"),
        (b"{", "at line 1, column 2"),
        (GOOD[:-1], f"at line 1, column {len(GOOD)}"),
        (GOOD + b"}", f"at line 1, column {len(GOOD) + 1}"),
        (b"\xef\xbb\xbf" + GOOD, "starts with a byte order mark. Send UTF-8 without one"),
        (GOOD.replace(b"MORTGAGE", b"\xff"), f"The body is not UTF-8 at byte {GOOD.index(b'MORTGAGE')}"),
        (GOOD.decode().encode("utf-16-le"), "at line 1, column 2"),
        (b"[" * 60_000, "The body is nested too deeply"),
        (b'{"a":' * 10_000, "The body is nested too deeply"),
        (b"{'dti': 1}", "at line 1, column 2"),
        (GOOD.replace(b"15.5", b"015.5"), f"at line 1, column {GOOD.index(b'15.5') + 2}"),
    ],
    ids=range(12),
)
def test_malformed_json_is_rejected_with_its_position(service, problem, body, detail):
    content = problem(service.ask(body), 400)
    assert content["type"] == "urn:credit-scoring:problem:malformed-body"
    assert detail in content["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/jsonx\xff"},
    ],
)
def test_other_media_types_and_encodings_get_415(service, problem, headers):
    raw = {name: value.encode("latin-1") for name, value in (service.as_(Role.SERVICE) | headers).items()}
    content = problem(service.client.post("/api/v1/predictions", content=GOOD, headers=raw), 415)
    assert "Send" in content["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_every_spelling_of_the_json_media_type_is_accepted(service, kind):
    headers = service.as_(Role.SERVICE) | {"Content-Type": kind}
    assert service.client.post("/api/v1/predictions", content=GOOD, headers=headers).status_code == 200


def test_ten_megabytes_are_rejected_with_the_limit(service, problem):
    content = problem(service.ask(b" " * 10_000_000), 413)
    assert "65,536 bytes" in content["detail"]


def test_a_body_within_the_limit_is_read(service):
    assert service.ask(GOOD + b" " * (65_536 - len(GOOD))).status_code == 200
    assert service.ask(GOOD + b" " * (65_537 - len(GOOD))).status_code == 413


def parts(*messages):
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    receive.left = waiting
    return receive


async def test_chunks_of_a_body_are_joined():
    receive = parts(
        {"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.request", "body": b"c"}
    )
    assert await read_body(receive, {}, limit=3) == b"abc"


async def test_reading_stops_at_the_limit():
    part = {"type": "http.request", "body": b"abc", "more_body": True}
    receive = parts(*[part] * 10)
    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {}, limit=8)
    assert refused.value.problem.status == 413
    assert len(receive.left) == 7


@pytest.mark.parametrize("length", [b"100", b"9" * 5000])
async def test_a_content_length_above_the_limit_is_rejected_unread(length):
    receive = parts()
    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {b"content-length": length}, limit=99)
    assert refused.value.problem.status == 413


async def test_a_closed_connection_is_not_an_unexpected_error():
    receive = parts({"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.disconnect"})
    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {}, limit=99)
    assert refused.value.problem.status == 400


async def test_an_incomplete_body_times_out():
    async def receive():
        await asyncio.sleep(60)

    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {}, limit=99, max_seconds=0.01)
    assert refused.value.problem.status == 408


def pieces(count: int, *, each: float):
    """A caller that sends chunks of ten bytes, at intervals of this number of seconds."""
    left = list(range(count))

    async def receive():
        await asyncio.sleep(each)
        left.pop()
        return {"type": "http.request", "body": b"x" * 10, "more_body": bool(left)}

    return receive


async def test_a_body_below_the_minimum_rate_times_out():
    with pytest.raises(RequestRejected, match=r"Send at least 1,000 bytes a second") as refused:
        async for _ in stream_body(pieces(100, each=0.02), {}, limit=10_000, max_seconds=0.1, min_rate=1_000):
            pass
    assert refused.value.problem.status == 408


async def test_a_fast_sender_is_not_rejected_for_slow_processing():
    async def taken(each: float) -> int:
        size = 0
        async for piece in stream_body(pieces(10, each=0), {}, limit=10_000, max_seconds=0.1, min_rate=1_000):
            size += len(piece)
            await asyncio.sleep(each)
        return size

    assert await taken(0.05) == 100
