"""Requests that are there whole and ask for nothing out of the ordinary, read from the bytes of a connection."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from entrypoints.http.limits import MAX_HEADERS, MAX_LENGTH_DIGITS

_OUT_OF_THE_ORDINARY = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_DIFFERENT_EACH_TIME = frozenset({b"idempotency-key", b"x-request-id", b"traceparent"})
_MOST_HEADS = 1024
_LARGEST_HEAD = 8 * 1024
_LARGEST_CACHED_HEAD = 2 * 1024
_END = b"\r\n\r\n"


class Unusual(Exception):
    """What is there is no single, ordinary request: whoever can do more with it may."""


class Incomplete(Exception):
    """The head of an ordinary request is there, but not its whole body; `length` is that of both together."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length


@dataclass(slots=True, eq=False)
class RequestHead:
    """Headers, their names in lower case. `keep_alive`: the connection is wanted afterwards.

    `understood` is for whoever reads them to keep what they say: callers send the same head again and again.
    `RequestHeadCache.remember` caches the head under `cache_key`; None: it is cached already, or is not to be.
    """

    headers: list[tuple[bytes, bytes]]
    keep_alive: bool
    cache_key: tuple[bytes, int] | None = None
    understood: Any = None


class CompleteRequest(NamedTuple):
    """A request: its head and its body."""

    head: RequestHead
    body: bytes


class RequestHeadCache:
    """Reads one request after another, of any connections, each from all of its bytes.

    Heads that were remembered are found byte for byte, with the length of their body, and not parsed again.
    """

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._messages = 0
        self._complete = False
        self._keep_alive = True
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = b""
        self._heads: dict[tuple[bytes, int], RequestHead] = {}

    def read(self, data: bytes) -> CompleteRequest:
        """The request that these bytes are. Raises Incomplete; Unusual also where the head is not complete."""
        end = data.find(_END) + len(_END)
        place = data[:end], len(data) - end
        head = self._heads.get(place)
        if head is not None:
            return CompleteRequest(head, data[end:])
        if not len(_END) <= end <= _LARGEST_HEAD:
            raise Unusual
        head = self._parsed(data, end)
        alone = len(self._body) == len(data) - end  # and no line break behind it, which parsers pass over
        if (
            alone
            and end <= _LARGEST_CACHED_HEAD
            and not any(name in _DIFFERENT_EACH_TIME for name, _ in head.headers)
        ):
            head.cache_key = place
        return CompleteRequest(head, self._body)

    def remember(self, head: RequestHead) -> None:
        """Cache a head. Only for callers who are authenticated: the memory it takes is never given back."""
        if head.cache_key is not None:
            if len(self._heads) >= _MOST_HEADS:
                self._heads.pop(next(iter(self._heads)))
            self._heads[head.cache_key] = head
            head.cache_key = None

    def _parsed(self, data: bytes, end: int) -> RequestHead:
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
                raise Unusual  # and refused by the protocol behind us
            raise Incomplete(end + int(length))
        return RequestHead(self._headers, self._keep_alive)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._messages += 1
        self._headers, self._body = [], b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._complete = True
        self._keep_alive = self._parser.should_keep_alive()


def _is_unusual(names: list[bytes]) -> bool:
    """Whether headers of these names are for the protocol behind us: to do more with them, or to refuse them."""
    return (
        names.count(b"host") != 1
        or names.count(b"authorization") > 1
        or len(names) > MAX_HEADERS
        or not _OUT_OF_THE_ORDINARY.isdisjoint(names)
    )
