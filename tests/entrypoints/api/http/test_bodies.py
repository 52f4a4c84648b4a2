"""Bodies that are no JSON, of another kind, too large or too late."""

import asyncio
import json

import pytest

from domain.access.user import Role
from entrypoints.api.decisions.loan_application_body import EXAMPLE
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.http.request_body import read_body, stream_body

GOOD = json.dumps(EXAMPLE).encode()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is empty"),
        (b"  \n", "the body is empty"),
        (b"{", "at line 1, column 2"),
        (GOOD[:-1], f"at line 1, column {len(GOOD)}"),
        (GOOD + b"}", f"at line 1, column {len(GOOD) + 1}"),
        (b"\xef\xbb\xbf" + GOOD, "starts with a byte order mark; send UTF-8 without one"),
        (GOOD.replace(b"MORTGAGE", b"\xff"), f"the body is not UTF-8 at byte {GOOD.index(b'MORTGAGE')}"),
        (GOOD.decode().encode("utf-16-le"), "at line 1, column 2"),
        (b"[" * 60_000, "the body is nested too deeply"),
        (b'{"a":' * 10_000, "the body is nested too deeply"),
        (b"{'dti': 1}", "at line 1, column 2"),
        (GOOD.replace(b"15.5", b"015.5"), f"at line 1, column {GOOD.index(b'15.5') + 2}"),
    ],
    ids=range(12),
)
def test_what_is_not_json_is_told_with_the_place(service, problem, body, detail):
    told = problem(service.ask(body), 400)
    assert told["type"] == "urn:credit-scoring:problem:malformed-body"
    assert detail in told["detail"]


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
def test_only_plain_json_is_read(service, problem, headers):
    raw = {name: value.encode("latin-1") for name, value in (service.as_(Role.SERVICE) | headers).items()}
    told = problem(service.client.post("/api/v1/predictions", content=GOOD, headers=raw), 415)
    assert "send" in told["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_by_any_spelling_is_read(service, kind):
    headers = service.as_(Role.SERVICE) | {"Content-Type": kind}
    assert service.client.post("/api/v1/predictions", content=GOOD, headers=headers).status_code == 200


def test_ten_megabytes_are_refused_with_the_limit(service, problem):
    told = problem(service.ask(b" " * 10_000_000), 413)
    assert "65,536 bytes" in told["detail"]


def test_what_fits_is_read(service):
    assert service.ask(GOOD + b" " * (65_536 - len(GOOD))).status_code == 200
    assert service.ask(GOOD + b" " * (65_537 - len(GOOD))).status_code == 413


def parts(*messages):
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    receive.left = waiting
    return receive


async def test_a_body_in_parts_is_put_together():
    receive = parts(
        {"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.request", "body": b"c"}
    )
    assert await read_body(receive, {}, limit=3) == b"abc"


async def test_no_more_is_read_than_the_limit():
    part = {"type": "http.request", "body": b"abc", "more_body": True}
    receive = parts(*[part] * 10)
    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {}, limit=8)
    assert refused.value.problem.status == 413
    assert len(receive.left) == 7


@pytest.mark.parametrize("length", [b"100", b"9" * 5000])
async def test_a_length_beyond_the_limit_is_refused_before_reading(length):
    receive = parts()
    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {b"content-length": length}, limit=99)
    assert refused.value.problem.status == 413


async def test_a_caller_who_hangs_up_is_no_fault_of_ours():
    receive = parts({"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.disconnect"})
    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {}, limit=99)
    assert refused.value.problem.status == 400


async def test_a_body_that_never_ends_is_given_up():
    async def receive():
        await asyncio.sleep(60)

    with pytest.raises(RequestRejected) as refused:
        await read_body(receive, {}, limit=99, patience=0.01)
    assert refused.value.problem.status == 408


def pieces(count: int, *, each: float):
    """A caller who takes as long over each piece of ten bytes."""
    left = list(range(count))

    async def receive():
        await asyncio.sleep(each)
        left.pop()
        return {"type": "http.request", "body": b"x" * 10, "more_body": bool(left)}

    return receive


async def test_who_trickles_is_given_up_though_something_comes_all_the_time():
    with pytest.raises(RequestRejected, match=r"send at least 1,000 bytes a second") as refused:
        async for _ in stream_body(pieces(100, each=0.02), {}, limit=10_000, patience=0.1, least_rate=1_000):
            pass
    assert refused.value.problem.status == 408


async def test_who_is_quick_is_not_blamed_for_how_long_we_take():
    async def taken(each: float) -> int:
        size = 0
        async for piece in stream_body(pieces(10, each=0), {}, limit=10_000, patience=0.1, least_rate=1_000):
            size += len(piece)
            await asyncio.sleep(each)
        return size

    assert await taken(0.05) == 100
