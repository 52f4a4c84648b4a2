"""Limits of a request's head and body, and the responses to requests that exceed them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 100
MAX_URL_BYTES = 8 * 1024
MAX_PIPELINED = 100
"""Requests of one connection that wait for earlier responses."""
MAX_LENGTH_DIGITS = 18
"""Of a Content-Length: leading zeros are valid, but Python parses at most 4,300 digits."""
MIN_BODY_RATE = 8 * 1024
"""Bytes per second that a body must average after its first `body_seconds`."""
_HOST = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]*")


class Refusal(NamedTuple):
    """Why the server rejects a request without the application, and closes the connection."""

    status: int
    name: str
    title: str
    detail: str


MALFORMED = Refusal(400, "malformed-request", "Malformed request", "The request is not valid HTTP/1.1.")
HOST_INVALID = Refusal(400, "invalid-host", "Invalid Host header", "Send exactly one valid Host header.")
TWO_CREDENTIALS = Refusal(
    400, "repeated-authorization", "Repeated Authorization header", "Send at most one Authorization header."
)
CONNECT_REFUSED = Refusal(400, "no-proxy", "CONNECT is not supported", "This server is not a proxy.")
TARGET_INVALID = Refusal(
    400, "invalid-target", "Invalid request target", "Send path and query alone: no scheme, host or fragment."
)
HEAD_TOO_SLOW = Refusal(
    408, "head-too-slow", "The request head took too long", "Send the whole request head within 10 seconds."
)
BODY_TOO_SLOW = Refusal(
    408, "body-too-slow", "The body took too long", f"Send at least {MIN_BODY_RATE:,} bytes per second."
)
URL_TOO_LONG = Refusal(
    414, "url-too-long", "The URL is too long", f"Send a URL of at most {MAX_URL_BYTES:,} bytes."
)
HEAD_TOO_LARGE = Refusal(
    431,
    "head-too-large",
    "The request head is too large",
    f"Send at most {MAX_HEAD_BYTES:,} bytes of request line and headers, and at most {MAX_HEADERS} headers.",
)
TRAILERS_TOO_LARGE = Refusal(
    431, "trailers-too-large", "The trailers are too large", "Send chunked bodies without trailer fields."
)
TOO_MANY_REQUESTS = Refusal(
    429,
    "too-many-pipelined",
    "Too many pipelined requests",
    f"Send at most {MAX_PIPELINED} before their responses.",
)
TOO_MANY_CONNECTIONS = Refusal(
    503, "too-many-connections", "Too many connections", "Try again in a moment, over fewer connections."
)
VERSION_REFUSED = Refusal(505, "unsupported-version", "HTTP version not supported", "Send HTTP/1.1 or HTTP/1.0.")


def plain_text(refusal: Refusal) -> tuple[str, bytes]:
    """The media type and content of the response to a refused request."""
    return "text/plain; charset=utf-8", f"{refusal.title}. {refusal.detail}\n".encode()


def refusal_of_head(
    method: bytes, version: str, url: bytes, headers: Sequence[tuple[bytes, bytes]]
) -> Refusal | None:
    """Why a head is refused, if it is: it is ambiguous, or meant for another kind of server."""
    names, given = [name for name, _ in headers], dict(headers)
    hosts, encodings = names.count(b"host"), names.count(b"transfer-encoding")
    refusals = (
        (version not in {"1.1", "1.0"}, VERSION_REFUSED),
        (method == b"CONNECT", CONNECT_REFUSED),
        (not url.startswith(b"/") or b"#" in url, TARGET_INVALID),
        (hosts > 1 or (hosts == 0 and version == "1.1"), HOST_INVALID),
        (not _HOST.fullmatch(given.get(b"host", b"")), HOST_INVALID),
        (names.count(b"authorization") > 1, TWO_CREDENTIALS),
        (len(given.get(b"content-length", b"")) > MAX_LENGTH_DIGITS, MALFORMED),
        (encodings > 0 and version == "1.0", MALFORMED),
        (encodings > 0 and given[b"transfer-encoding"].lower() != b"chunked", MALFORMED),
    )
    return next((refusal for refused, refusal in refusals if refused), None)
