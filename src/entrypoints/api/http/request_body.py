"""Reading request bodies with limits on media type, size and time."""

import asyncio
import types
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from time import monotonic
from typing import Any

from litestar.types import Receive

from entrypoints.api.http.problems import RequestRejected, malformed, too_large, unsupported

SECONDS_FOR_A_BODY = 20.0
MIN_RATE = 8 * 1024
"""Bytes a second that a stream must reach after its first seconds; slow uploads would block others."""
_LONGEST_LENGTH = 18


def require_media_type(media_type: str, headers: Mapping[bytes, bytes], *others: str) -> None:
    """Reject a body of a media type other than these, or with a Content-Encoding; raises RequestRejected."""
    given = headers.get(b"content-type", b"").decode("latin-1").lower()
    if given == media_type and b"content-encoding" not in headers:
        return
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().replace('"', "")
    if kind.strip() not in {media_type, *others} or charset not in {"", "charset=utf-8", "charset=utf8"}:
        received = f"not {_printable(given)}" if given else "which is missing"
        accepted = ", ".join((media_type, *others))
        raise unsupported(f"Send Content-Type: {accepted.replace(', ', ' or ')}, {received}.", accepted)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise unsupported("Send the body without Content-Encoding.", media_type)


async def read_body(
    receive: Receive, headers: Mapping[bytes, bytes], *, limit: int, max_seconds: float = SECONDS_FOR_A_BODY
) -> bytes:
    """The body of at most `limit` bytes, received within `max_seconds` seconds; raises RequestRejected."""
    reject_length_above(limit, headers)
    reading = _receive_all(receive, limit)
    try:
        waiting = reading.send(None)
    except StopIteration as read:  # it has nearly always arrived already, so no timer is needed
        whole: bytes = read.value
        return whole
    try:
        async with asyncio.timeout(max_seconds):
            return await _continue(reading, waiting)
    except TimeoutError:
        raise _too_slow(f"Send the whole body within {max_seconds:g} s.") from None


async def stream_body(
    receive: Receive,
    headers: Mapping[bytes, bytes],
    *,
    limit: int,
    max_seconds: float = SECONDS_FOR_A_BODY,
    min_rate: float = MIN_RATE,
) -> AsyncGenerator[bytes, None]:
    """The body of at most `limit` bytes in chunks, each received within `max_seconds`; raises RequestRejected.

    After a total of `max_seconds` seconds of waiting for chunks, each further second must bring `min_rate` bytes.
    """
    reject_length_above(limit, headers)
    size, waited, more = 0, 0.0, True
    while more:
        began = monotonic()
        try:
            async with asyncio.timeout(max_seconds):
                message = await receive()
        except TimeoutError:
            raise _too_slow(f"Nothing was received for {max_seconds:g} s.") from None
        waited += monotonic() - began
        if size < (waited - max_seconds) * min_rate:
            raise _too_slow(f"Send at least {min_rate:,.0f} bytes a second.")
        if message["type"] != "http.request":
            raise malformed("The connection closed before the body was complete.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
        if chunk:
            yield chunk


def reject_length_above(limit: int, headers: Mapping[bytes, bytes]) -> None:
    """Reject a body with a Content-Length above the limit."""
    length = headers.get(b"content-length", b"0")
    if len(length) > _LONGEST_LENGTH or (length.isdigit() and int(length) > limit):
        raise too_large(limit)


def _too_slow(detail: str) -> RequestRejected:
    return RequestRejected(408, "body-too-slow", "Body received too slowly", detail)


@types.coroutine
def _continue(started: Coroutine[Any, Any, bytes], waiting: Any) -> Generator[Any, Any, bytes]:
    """The result of a coroutine that was started by hand and is now waiting for something."""
    try:
        yield waiting
    except BaseException as interruption:
        started.throw(interruption)
        raise
    whole: bytes = yield from started
    return whole


async def _receive_all(receive: Receive, limit: int) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise malformed("The connection closed before the body was complete.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return body


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:80])
