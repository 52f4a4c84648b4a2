"""Requests that are there whole and ask for nothing out of the ordinary, read from the bytes of a connection."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

_OUT_OF_THE_ORDINARY = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_DIFFERENT_EACH_TIME = frozenset({b"idempotency-key", b"x-request-id", b"traceparent"})
_MOST_HEADS = 1024
_END = b"\r\n\r\n"


class Unusual(Exception):
    """What is there is no single, ordinary request: whoever can do more with it may."""


@dataclass(slots=True, eq=False)
class Head:
    """Headers, their names in lower case. `keep_alive`: the connection is wanted afterwards.

    `understood` is for whoever reads them to keep what they say: callers send the same head again and again.
    """

    headers: list[tuple[bytes, bytes]]
    keep_alive: bool
    understood: Any = None


class WholeRequest(NamedTuple):
    """A request: its head and its body."""

    head: Head
    body: bytes


class WholeRequests:
    """Reads one request after another, of any connections, each from all of its bytes.

    The last heads are remembered, byte for byte and with the length of what was their body, and not parsed again.
    """

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._messages = 0
        self._complete = False
        self._keep_alive = True
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = b""
        self._heads: dict[tuple[bytes, int], Head] = {}

    def read(self, data: bytes) -> WholeRequest | None:
        """The request that these bytes are; None where some of it is still to come. Raises Unusual."""
        end = data.find(_END) + len(_END)
        place = data[:end], len(data) - end
        head = self._heads.get(place)
        if head is not None:
            return WholeRequest(head, data[end:])
        head = self._parsed(data)
        if head is None:
            return None
        alone = len(self._body) == len(data) - end  # and no line break behind it, which parsers pass over
        if alone and not any(name in _DIFFERENT_EACH_TIME for name, _ in head.headers):
            if len(self._heads) >= _MOST_HEADS:
                self._heads.pop(next(iter(self._heads)))
            self._heads[place] = head
        return WholeRequest(head, self._body)

    def _parsed(self, data: bytes) -> Head | None:
        self._messages, self._complete = 0, False
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as fault:
            self._parser = HttpRequestParser(self)
            raise Unusual from fault
        if not self._complete or self._messages != 1 or not self._keep_alive:
            self._parser = HttpRequestParser(self)
        if self._messages > 1 or any(name in _OUT_OF_THE_ORDINARY for name, _ in self._headers):
            raise Unusual
        return Head(self._headers, self._keep_alive) if self._complete else None

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
