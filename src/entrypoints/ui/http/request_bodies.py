"""Limits on request bodies: size, type and time."""

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
"""The maximum file size for browser uploads; the API accepts up to 1 GiB."""
_MAX_ENVELOPE_BYTES = 64 << 10
"""Allowance for multipart encoding."""
_BODY_SECONDS = 10.0
_UPLOAD_GRACE_SECONDS = 30.0
_MIN_UPLOAD_RATE = 32 << 10
"""Bytes per second, on average, after the grace period."""
_MAX_UPLOAD_SECONDS = 3600.0


def has_body(headers: Headers) -> bool:
    """Whether the request has a body."""
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""


def require_media_type(media_type: str, headers: Headers) -> None:
    """Reject other content types: a multipart body would be spooled to disk, others read into memory."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise _rejection(415, f"Unsupported media type. Send the body as {media_type}.")


async def read_body(headers: Headers, receive: Receive, *, max_bytes: int) -> Receive:
    """Read the whole body into memory before a deadline; returns a `receive` that replays it.

    Raises HTTPException 413 if the body is larger, or 408 after ten seconds; ClientDisconnect if the connection
    ends before the body, or the body is not valid HTTP.
    """
    check_announced_length(headers, max_bytes)
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
        raise _rejection(408, "The request body did not arrive in time. Send it again.") from None
    replay: list[Message] = [{**message, "body": body}]

    async def receive_again() -> Message:
        return replay.pop() if replay else await receive()

    return receive_again


def check_announced_length(headers: Headers, max_bytes: int) -> None:
    """Reject a body by its Content-Length, before reading it."""
    if int(headers.get("content-length", "0")) > max_bytes:
        raise _too_large(max_bytes)


class LimitedUpload:
    """Receives an upload of at most 256 MiB at a minimum rate; raises HTTPException 413 or 408.

    `rejection` is the exception raised, because middleware in between may replace it.
    """

    def __init__(self, headers: Headers, receive: Receive) -> None:
        self._max_bytes = MAX_UPLOAD_BYTES + _MAX_ENVELOPE_BYTES
        check_announced_length(headers, self._max_bytes)
        self._receive = receive
        self._begun = time.monotonic()
        self._bytes = 0
        self._complete = False
        self.rejection: HTTPException | None = None

    async def receive(self) -> Message:
        """The next part of the body; after the last part, messages of the connection without a deadline."""
        if self._complete:
            return await self._receive()
        allowed = min(_MAX_UPLOAD_SECONDS, _UPLOAD_GRACE_SECONDS + self._bytes / _MIN_UPLOAD_RATE)
        try:
            async with asyncio.timeout(self._begun + allowed - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            self.rejection = _rejection(408, "The upload is too slow. Try again on a faster connection.")
            raise self.rejection from None
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._max_bytes:
            self.rejection = _too_large(self._max_bytes)
            raise self.rejection
        self._complete = not message.get("more_body")
        return message


def _too_large(max_bytes: int) -> HTTPException:
    return _rejection(413, f"The request body is larger than {max_bytes} bytes.")


def _rejection(status: int, text: str) -> HTTPException:
    return HTTPException(status, text)
