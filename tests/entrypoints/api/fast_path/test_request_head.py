"""Whole requests: read as the parser reads them, whether their head was seen before or not."""

import pytest

from entrypoints.api.fast_path.request_head import CompleteRequest, Incomplete, RequestHeadCache, Unusual

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nX-Name: b\r\nContent-Length: 4\r\n\r\n"


def read(requests: RequestHeadCache, data: bytes) -> CompleteRequest:
    """A request, whose caller is then authenticated."""
    request = requests.read(data)
    requests.remember(request.head)
    return request


def test_a_head_that_was_seen_is_the_same_object_and_each_body_its_own() -> None:
    requests = RequestHeadCache()
    first, second = read(requests, HEAD + b"abcd"), read(requests, HEAD + b"efgh")
    assert (first.body, second.body) == (b"abcd", b"efgh")
    assert first.head is second.head
    assert first.head.headers == [(b"host", b"a"), (b"x-name", b"b"), (b"content-length", b"4")]
    assert first.head.keep_alive


def test_another_head_is_another() -> None:
    requests = RequestHeadCache()
    first = read(requests, HEAD + b"abcd")
    second = read(requests, HEAD.replace(b"X-Name: b", b"Connection: close") + b"abcd")
    assert first.head is not second.head
    assert not second.head.keep_alive


@pytest.mark.parametrize("name", [b"Idempotency-Key", b"X-Request-ID", b"traceparent"])
def test_heads_that_are_different_each_time_are_not_remembered(name: bytes) -> None:
    requests, data = RequestHeadCache(), HEAD.replace(b"X-Name", name) + b"abcd"
    assert read(requests, data).head is not read(requests, data).head


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("cut", [len(HEAD), len(HEAD) + 3])
def test_a_body_that_is_not_whole_is_waited_for(seen: bool, cut: int) -> None:
    requests = RequestHeadCache()
    if seen:
        read(requests, HEAD + b"abcd")
    with pytest.raises(Incomplete) as incomplete:
        requests.read((HEAD + b"abcd")[:cut])
    assert incomplete.value.length == len(HEAD + b"abcd")
    assert read(requests, HEAD + b"abcd").body == b"abcd"


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("cut", [1, 20, len(HEAD) - 1])
def test_a_head_that_is_not_whole_is_left_to_the_protocol_behind(seen: bool, cut: int) -> None:
    requests = RequestHeadCache()
    if seen:
        read(requests, HEAD + b"abcd")
    with pytest.raises(Unusual):
        requests.read((HEAD + b"abcd")[:cut])
    assert read(requests, HEAD + b"abcd").body == b"abcd"


def test_a_head_is_cached_only_once_its_caller_is_authenticated() -> None:
    requests = RequestHeadCache()
    assert requests.read(HEAD + b"abcd").head is not requests.read(HEAD + b"abcd").head
    assert requests._heads == {}


def test_a_head_of_more_than_2_kib_is_not_cached() -> None:
    requests, data = RequestHeadCache(), HEAD.replace(b"X-Name: b", b"X-Name: " + b"b" * 2048) + b"abcd"
    assert read(requests, data).head is not read(requests, data).head
    assert requests._heads == {}


@pytest.mark.parametrize("seen", [False, True])
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
def test_what_is_no_single_ordinary_request_is_unusual(seen: bool, data: bytes) -> None:
    requests = RequestHeadCache()
    if seen:
        read(requests, HEAD + b"abcd")
    for _ in range(2):
        with pytest.raises(Unusual):
            requests.read(data)
    assert read(requests, HEAD + b"abcd").body == b"abcd"


def test_a_line_break_behind_a_body_never_becomes_part_of_another() -> None:
    requests = RequestHeadCache()
    assert read(requests, HEAD + b"abcd\r\n").body == b"abcd"
    with pytest.raises(Unusual):
        requests.read(HEAD + b"abcdXY")


def test_as_many_heads_are_remembered_as_there_is_room_for() -> None:
    requests = RequestHeadCache()
    first = read(requests, HEAD + b"abcd").head
    for number in range(2000):
        read(requests, HEAD.replace(b"X-Name: b", b"X-Name: %d" % number) + b"abcd")
    assert read(requests, HEAD + b"abcd").head is not first
    assert len(requests._heads) <= 1024
