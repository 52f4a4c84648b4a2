"""Reading a request's body: of the right kind, never more than the limit, never for longer than it may take."""

import asyncio
import types
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from time import monotonic
from typing import Any

from litestar.types import Receive

from entrypoints.api.http.problems import RequestRejected, malformed, too_large, unsupported

SECONDS_FOR_A_BODY = 20.0
LEAST_RATE = 8 * 1024
"""Bytes a second that a stream must bring, after its first seconds: whoever trickles keeps a place from others."""
_LONGEST_LENGTH = 18


def require_media_type(media_type: str, headers: Mapping[bytes, bytes], *others: str) -> None:
    """Refuse a body that says it is anything else (or one of the others), or that it is compressed."""
    given = headers.get(b"content-type", b"").decode("latin-1").lower()
    if given == media_type and b"content-encoding" not in headers:
        return
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().replace('"', "")
    if kind.strip() not in {media_type, *others} or charset not in {"", "charset=utf-8", "charset=utf8"}:
        said = f"not {_printable(given)}" if given else "which is missing"
        accepted = ", ".join((media_type, *others))
        raise unsupported(f"send Content-Type: {accepted.replace(', ', ' or ')}, {said}", accepted)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise unsupported("send the body as it is, without Content-Encoding", media_type)


async def read_body(
    receive: Receive, headers: Mapping[bytes, bytes], *, limit: int, patience: float = SECONDS_FOR_A_BODY
) -> bytes:
    """The body, of at most `limit` bytes, within `patience` seconds."""
    refuse_length_above(limit, headers)
    reading = _receive_all(receive, limit)
    try:
        waiting = reading.send(None)
    except StopIteration as read:  # it was there already, as nearly always: there is no time to be kept
        whole: bytes = read.value
        return whole
    try:
        async with asyncio.timeout(patience):
            return await _going_on(reading, waiting)
    except TimeoutError:
        raise _too_slow(f"send the whole body within {patience:g} s") from None


async def stream_body(
    receive: Receive,
    headers: Mapping[bytes, bytes],
    *,
    limit: int,
    patience: float = SECONDS_FOR_A_BODY,
    least_rate: float = LEAST_RATE,
) -> AsyncGenerator[bytes, None]:
    """The body piece by piece, of at most `limit` bytes, each piece within `patience` seconds.

    When more than `patience` seconds were spent waiting for pieces, `least_rate` bytes must have come in each
    second of it beyond.
    """
    refuse_length_above(limit, headers)
    size, waited, more = 0, 0.0, True
    while more:
        began = monotonic()
        try:
            async with asyncio.timeout(patience):
                message = await receive()
        except TimeoutError:
            raise _too_slow(f"nothing came for {patience:g} s") from None
        waited += monotonic() - began
        if size < (waited - patience) * least_rate:
            raise _too_slow(f"send at least {least_rate:,.0f} bytes a second")
        if message["type"] != "http.request":
            raise malformed("the connection was closed before the body was whole")
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
        if piece:
            yield piece


def refuse_length_above(limit: int, headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that says it is larger than is read."""
    length = headers.get(b"content-length", b"0")
    if len(length) > _LONGEST_LENGTH or (length.isdigit() and int(length) > limit):
        raise too_large(limit)


def _too_slow(why: str) -> RequestRejected:
    return RequestRejected(408, "body-too-slow", "The body took too long", why)


@types.coroutine
def _going_on(begun: Coroutine[Any, Any, bytes], waiting: Any) -> Generator[Any, Any, bytes]:
    """The result of a coroutine that was begun by hand and now waits for something."""
    try:
        yield waiting
    except BaseException as interruption:
        begun.throw(interruption)
        raise
    whole: bytes = yield from begun
    return whole


async def _receive_all(receive: Receive, limit: int) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise malformed("the connection was closed before the body was whole")
        body += message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return body


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:80])
