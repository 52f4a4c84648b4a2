"""Complete requests are parsed as by httptools, with or without a cached head."""

import pytest
from httptools import HttpParserError, HttpRequestParser

from entrypoints.api.fast_path.request_head import CompleteRequest, Incomplete, RequestHeadCache, Unusual

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nX-Name: b\r\nContent-Length: 4\r\n\r\n"


class Headers:
    """The headers that httptools finds."""

    def __init__(self) -> None:
        self.found: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.found.append((name.lower(), value))


def read(cache: RequestHeadCache, data: bytes) -> CompleteRequest:
    """Read a request and authenticate its caller."""
    request = cache.read(data)
    cache.remember(request.head)
    return request


def test_a_cached_head_is_reused_with_another_body() -> None:
    cache = RequestHeadCache()
    first, second = read(cache, HEAD + b"abcd"), read(cache, HEAD + b"efgh")
    assert (first.body, second.body) == (b"abcd", b"efgh")
    assert first.head is second.head
    assert first.head.headers == [(b"host", b"a"), (b"x-name", b"b"), (b"content-length", b"4")]
    assert first.head.keep_alive


def test_a_different_head_is_parsed() -> None:
    cache = RequestHeadCache()
    first = read(cache, HEAD + b"abcd")
    second = read(cache, HEAD.replace(b"X-Name: b", b"Connection: close") + b"abcd")
    assert first.head is not second.head
    assert not second.head.keep_alive


VARYING = [b"Idempotency-Key", b"x-request-id", b"Traceparent", b"tracestate"]


@pytest.mark.parametrize("name", VARYING)
def test_heads_that_differ_in_varying_headers_share_a_cached_head(name: bytes) -> None:
    cache = RequestHeadCache()
    first, second = [
        read(cache, HEAD.replace(b"Content", name + b": value-%d\r\nContent" % number) + b"abcd")
        for number in (1, 2)
    ]
    assert first.head is second.head
    assert (first.varying, second.varying) == ([(name.lower(), b"value-1")], [(name.lower(), b"value-2")])
    assert read(cache, HEAD + b"abcd").head is first.head
    assert read(cache, HEAD + b"abcd").varying == []


def test_several_varying_headers_are_read_in_their_order() -> None:
    cache = RequestHeadCache()
    lines = b"".join(name + b": %d\r\n" % number for number, name in enumerate(VARYING))
    data = HEAD.replace(b"X-Name", lines + b"X-Name") + b"abcd"
    expected = [(name.lower(), b"%d" % number) for number, name in enumerate(VARYING)]
    assert read(cache, data).varying == read(cache, data).varying == expected
    assert cache.read(data).head.headers == [(b"host", b"a"), (b"x-name", b"b"), (b"content-length", b"4")]


@pytest.mark.parametrize(
    "line",
    [b"Idempotency-Key: a b", b"Idempotency-Key:", b"Idempotency-Key: a\r\n folded", b"Idempotency-Key: \xe9"],
)
def test_a_varying_header_out_of_the_ordinary_is_parsed_each_time(line: bytes) -> None:
    cache = RequestHeadCache()
    read(cache, HEAD + b"abcd")
    data = HEAD.replace(b"X-Name: b", b"X-Name: b\r\n" + line) + b"abcd"
    parsed = HttpRequestParser(headers := Headers())
    try:
        parsed.feed_data(data)
    except HttpParserError:
        with pytest.raises(Unusual):
            cache.read(data)
        return
    assert [cache.read(data).head is cache.read(data).head for _ in range(2)] == [False, False]
    request = cache.read(data)
    assert sorted(request.head.headers + request.varying) == sorted(headers.found)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("cut", [len(HEAD), len(HEAD) + 3])
def test_an_incomplete_body_is_reported_with_its_length(cached: bool, cut: int) -> None:
    cache = RequestHeadCache()
    if cached:
        read(cache, HEAD + b"abcd")
    with pytest.raises(Incomplete) as incomplete:
        cache.read((HEAD + b"abcd")[:cut])
    assert incomplete.value.length == len(HEAD + b"abcd")
    assert read(cache, HEAD + b"abcd").body == b"abcd"


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("cut", [1, 20, len(HEAD) - 1])
def test_an_incomplete_head_is_unusual(cached: bool, cut: int) -> None:
    cache = RequestHeadCache()
    if cached:
        read(cache, HEAD + b"abcd")
    with pytest.raises(Unusual):
        cache.read((HEAD + b"abcd")[:cut])
    assert read(cache, HEAD + b"abcd").body == b"abcd"


def test_a_head_is_cached_only_once_its_caller_is_authenticated() -> None:
    cache = RequestHeadCache()
    assert cache.read(HEAD + b"abcd").head is not cache.read(HEAD + b"abcd").head
    assert cache._heads == {}


def test_a_head_of_more_than_2_kib_is_not_cached() -> None:
    cache, data = RequestHeadCache(), HEAD.replace(b"X-Name: b", b"X-Name: " + b"b" * 2048) + b"abcd"
    assert read(cache, data).head is not read(cache, data).head
    assert cache._heads == {}


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"abcd" + HEAD + b"efgh",
        HEAD + b"abcdXY",
        b"nonsense\r\n\r\n",
        HEAD.replace(b"X-Name: b", b"Transfer-Encoding: chunked"),
        HEAD.replace(b"X-Name: b", b"Expect: 100-continue") + b"abcd",
        HEAD.replace(b"X-Name: b", b"Host: b") + b"abcd",
        HEAD.replace(b"Host: a\r\n", b"") + b"abcd",
        HEAD.replace(b"X-Name: b", b"Authorization: b\r\nauthorization: c") + b"abcd",
        HEAD.replace(b"X-Name: b", b"X-Name: " + b"b" * 9000) + b"abcd",
        HEAD.replace(b"X-Name: b", b"\r\n".join([b"X-Name: b"] * 101)) + b"abcd",
        HEAD.replace(b"X-Name: b", b"Connection: upgrade\r\nUpgrade: websocket") + b"abcd",
    ],
)
def test_other_than_one_ordinary_request_is_unusual(cached: bool, data: bytes) -> None:
    cache = RequestHeadCache()
    if cached:
        read(cache, HEAD + b"abcd")
    for _ in range(2):
        with pytest.raises(Unusual):
            cache.read(data)
    assert read(cache, HEAD + b"abcd").body == b"abcd"


def test_a_line_break_after_a_body_is_not_part_of_a_body() -> None:
    cache = RequestHeadCache()
    assert read(cache, HEAD + b"abcd\r\n").body == b"abcd"
    with pytest.raises(Unusual):
        cache.read(HEAD + b"abcdXY")


def test_the_cache_is_limited() -> None:
    cache = RequestHeadCache()
    first = read(cache, HEAD + b"abcd").head
    for number in range(2000):
        read(cache, HEAD.replace(b"X-Name: b", b"X-Name: %d" % number) + b"abcd")
    assert read(cache, HEAD + b"abcd").head is not first
    assert len(cache._heads) <= 1024
