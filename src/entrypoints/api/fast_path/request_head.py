"""Complete, ordinary requests, read from the bytes that arrived on a connection."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from entrypoints.http.limits import MAX_HEADERS, MAX_LENGTH_DIGITS

Headers = list[tuple[bytes, bytes]]
"""Pairs of name, in lower case, and value."""

_UNSUPPORTED = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_VARYING = (b"idempotency-key", b"x-request-id", b"traceparent", b"tracestate")
"""Headers that differ from request to request: heads are cached without them."""
_VARYING_LINE = re.compile(
    rb"\r\n(" + b"|".join(_VARYING) + rb"):[ ]*([!-~]+)(?=\r\n[^ \t])", re.IGNORECASE
)  # a line that continues a header begins with white space
_MAX_CACHED_HEADS = 1024
_MAX_HEAD_BYTES = 8 * 1024
_MAX_CACHED_HEAD_BYTES = 2 * 1024
_END_OF_HEAD = b"\r\n\r\n"

CacheKey = tuple[bytes, int]
"""A head without its varying headers, and the length of the body."""


class Unusual(Exception):
    """The bytes are not one ordinary request, and are left to uvicorn."""


class Incomplete(Exception):
    """An ordinary request lacks a part of its body; `length` is that of head and body together."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length


@dataclass(slots=True, eq=False)
class RequestHead:
    """The headers without the varying ones. `keep_alive`: the client wants to keep the connection.

    `RequestHeadCache.remember` caches the head under `cache_key`, which is None once it is cached, or where it
    may not be. `interpretation` holds what a reader derived from the headers, as clients send the same head
    repeatedly.
    """

    headers: Headers
    keep_alive: bool
    cache_key: CacheKey | None = None
    interpretation: Any = None


class CompleteRequest(NamedTuple):
    """A request: its head, its body, and the headers that vary from request to request."""

    head: RequestHead
    body: bytes
    varying: Headers


class RequestHeadCache:
    """Reads one request after another, of any connections.

    Heads that were remembered are found byte by byte, with the length of their body, and are not parsed again.
    """

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._messages = 0
        self._complete = False
        self._keep_alive = True
        self._headers: Headers = []
        self._body = b""
        self._heads: dict[CacheKey, RequestHead] = {}

    def read(self, data: bytes) -> CompleteRequest:
        """The request in `data`. Raises Incomplete; Unusual also where the head is incomplete."""
        end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD)
        exact = data[:end], len(data) - end
        head = self._heads.get(exact)
        if head is not None:
            return CompleteRequest(head, data[end:], [])
        if not len(_END_OF_HEAD) <= end <= _MAX_HEAD_BYTES:
            raise Unusual
        lines = list(_VARYING_LINE.finditer(exact[0]))
        if not lines:
            return self._parsed(data, end, exact)
        rest = exact[0]
        for line in reversed(lines):
            rest = rest[: line.start()] + rest[line.end() :]
        head = self._heads.get((rest, exact[1]))
        if head is None:
            return self._parsed(data, end, (rest, exact[1]))
        return CompleteRequest(head, data[end:], [(line[1].lower(), line[2]) for line in lines])

    def remember(self, head: RequestHead) -> None:
        """Cache a head. Only for authenticated callers: a full cache evicts the oldest heads."""
        if head.cache_key is not None:
            if len(self._heads) >= _MAX_CACHED_HEADS:
                self._heads.pop(next(iter(self._heads)))
            self._heads[head.cache_key] = head
            head.cache_key = None

    def _parsed(self, data: bytes, end: int, cache_key: CacheKey) -> CompleteRequest:
        self._messages, self._complete = 0, False
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as fault:
            self._parser = HttpRequestParser(self)
            raise Unusual from fault
        if not self._complete or self._messages != 1 or not self._keep_alive:
            self._parser = HttpRequestParser(self)
        names = [name for name, _ in self._headers]
        if self._messages > 1 or _is_unusual(names):
            raise Unusual
        if not self._complete:
            length = self._headers[names.index(b"content-length")][1]
            if len(length) > MAX_LENGTH_DIGITS:
                raise Unusual  # uvicorn's protocol rejects it
            raise Incomplete(end + int(length))
        varying = [header for header in self._headers if header[0] in _VARYING]
        head = RequestHead([header for header in self._headers if header[0] not in _VARYING], self._keep_alive)
        if (
            len(self._body) == len(data) - end  # no line break follows, which parsers ignore
            and end <= _MAX_CACHED_HEAD_BYTES
            and len(names) + len(_VARYING) <= MAX_HEADERS
            and not any(name in cache_key[0].lower() for name in _VARYING)
        ):
            head.cache_key = cache_key
        return CompleteRequest(head, self._body, varying)

    def on_message_begin(self) -> None:
        """Start a request."""
        self._messages += 1
        self._headers, self._body = [], b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header."""
        self._headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Complete the request."""
        self._complete = True
        self._keep_alive = self._parser.should_keep_alive()


def _is_unusual(names: list[bytes]) -> bool:
    """Whether a request with headers of these names is left to uvicorn, to support or to reject."""
    return (
        names.count(b"host") != 1
        or names.count(b"authorization") > 1
        or len(names) > MAX_HEADERS
        or not _UNSUPPORTED.isdisjoint(names)
    )
