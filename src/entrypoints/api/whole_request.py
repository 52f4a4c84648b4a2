"""Requests that are there whole and ask for nothing out of the ordinary, read from the bytes of a connection."""

from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

Headers = list[tuple[bytes, bytes]]

_OUT_OF_THE_ORDINARY = frozenset({b"transfer-encoding", b"expect", b"upgrade"})


class Unusual(Exception):
    """What is there is no single, ordinary request: whoever can do more with it may."""


class WholeRequest(NamedTuple):
    """The headers, their names in lower case, and the body. `keep_alive`: the connection is wanted afterwards."""

    headers: Headers
    body: bytes
    keep_alive: bool


class WholeRequests:
    """Reads one request after another, of any connections, each from all of its bytes."""

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._messages = 0
        self._complete = self._keep_alive = False
        self._headers: Headers = []
        self._body = b""

    def read(self, data: bytes) -> WholeRequest | None:
        """The request that these bytes are; None where some of it is still to come. Raises Unusual."""
        self._messages, self._complete = 0, False
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as fault:
            self._parser = HttpRequestParser(self)
            raise Unusual from fault
        if not self._complete or self._messages != 1 or not self._keep_alive:  # it would take nothing further
            self._parser = HttpRequestParser(self)
        if self._messages > 1 or any(name in _OUT_OF_THE_ORDINARY for name, _ in self._headers):
            raise Unusual
        return WholeRequest(self._headers, self._body, self._keep_alive) if self._complete else None

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
        self._keep_alive = self._parser.should_keep_alive()  # it knows now, and not any more afterwards
