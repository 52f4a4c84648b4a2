"""How answers leave: as JSON, not to be cached or sniffed."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import HttpMethod, Response

SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Headers of every answer: it is data, never a page."""

PRIVATE: Mapping[str, str] = {**SAFE, "Cache-Control": "no-store"}
"""Headers of answers that are for the caller only."""

JSON = "application/json"
READING = (HttpMethod.GET, HttpMethod.HEAD)
"""The methods of everything that can be read."""
_encoder = msgspec.json.Encoder()


def json_bytes(content: Any) -> bytes:
    """The content as JSON."""
    return _encoder.encode(content)


def reply(content: Any, *, status: int = 200, headers: Mapping[str, str] = PRIVATE) -> Response[bytes]:
    """The content as an answer in JSON."""
    return Response(json_bytes(content), status_code=status, media_type=JSON, headers=dict(headers))
