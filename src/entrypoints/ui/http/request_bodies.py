"""How much of a request body is read, of which type and for how long."""

import asyncio
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
MAX_FORM_BYTES = 16 << 10
MAX_UPLOAD_BYTES = 256 << 20
"""The largest file taken through the browser; larger ones go through the API, which takes 1 GiB."""
_MAX_ENVELOPE_BYTES = 64 << 10
"""What multipart encoding adds to a file."""
_BODY_SECONDS = 10.0
_UPLOAD_GRACE_SECONDS = 30.0
_MIN_UPLOAD_RATE = 32 << 10
"""Bytes a second, on average, after the first seconds of grace."""
_MAX_UPLOAD_SECONDS = 3600.0


def has_body(headers: Headers) -> bool:
    """Whether a body follows the request's head."""
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""


def must_be(media_type: str, headers: Headers) -> None:
    """Refuse every other content type: a multipart body would be spooled to disk, another read into memory."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise _refused(415, f"Send the body as {media_type}.")


async def read_body(headers: Headers, receive: Receive, *, max_bytes: int) -> Receive:
    """Read the whole body, in memory and before a deadline; what then receives it again.

    Raises HTTPException: 413 for a larger body, 408 for one that takes longer than ten seconds; ClientDisconnect
    where the connection ends before the body does, or the body turns out not to be valid HTTP.
    """
    must_not_exceed(headers, max_bytes)
    body = b""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
                if not message.get("more_body"):
                    break
    except TimeoutError:
        raise _refused(408, "The request body did not arrive in time. Send it again.") from None
    replay: list[Message] = [{**message, "body": body}]

    async def receive_again() -> Message:
        return replay.pop() if replay else await receive()

    return receive_again


def must_not_exceed(headers: Headers, max_bytes: int) -> None:
    """Refuse a body whose announced length is too large, before any of it is read."""
    if int(headers.get("content-length", "0")) > max_bytes:
        raise _too_large(max_bytes)


class LimitedUpload:
    """Receives an upload of at most 256 MiB that keeps a least rate; raises HTTPException 413 or 408.

    `refused` is what was raised: middleware in between may turn it into something else on its way out.
    """

    def __init__(self, headers: Headers, receive: Receive) -> None:
        self._max_bytes = MAX_UPLOAD_BYTES + _MAX_ENVELOPE_BYTES
        must_not_exceed(headers, self._max_bytes)
        self._receive = receive
        self._begun = time.monotonic()
        self._bytes = 0
        self._complete = False
        self.refused: HTTPException | None = None

    async def receive(self) -> Message:
        """The next part of the body; afterwards what the connection does, without a deadline."""
        if self._complete:
            return await self._receive()
        allowed = min(_MAX_UPLOAD_SECONDS, _UPLOAD_GRACE_SECONDS + self._bytes / _MIN_UPLOAD_RATE)
        try:
            async with asyncio.timeout(self._begun + allowed - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            self.refused = _refused(408, "The upload is too slow. Try again on a faster connection.")
            raise self.refused from None
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._max_bytes:
            self.refused = _too_large(self._max_bytes)
            raise self.refused
        self._complete = not message.get("more_body")
        return message


def _too_large(max_bytes: int) -> HTTPException:
    return _refused(413, f"The request body is larger than {max_bytes} bytes.")


def _refused(status: int, text: str) -> HTTPException:
    return HTTPException(status, text)
