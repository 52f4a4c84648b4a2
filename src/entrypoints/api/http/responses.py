"""How responses are sent: as JSON, neither cached nor sniffed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response
from msgspec import Meta

SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Headers of every response that is data and not a page."""

PRIVATE: Mapping[str, str] = {**SAFE, "Cache-Control": "no-store"}
"""Headers of responses for one caller."""

JSON = "application/json"
Timestamp = Annotated[datetime, Meta(tz=True)]
"""A time in UTC, described as `date-time`."""
Synthetic = Annotated[bool, Meta(description="Whether `scoring demo` made the application up.")]
_encoder = msgspec.json.Encoder()


def json_bytes(content: Any) -> bytes:
    """Encode the content as JSON."""
    return _encoder.encode(content)


def add_private_headers(response: Response[Any]) -> Response[Any]:
    """Add the headers of `PRIVATE` that the response does not set itself."""
    for name, value in PRIVATE.items():
        response.headers.setdefault(name, value)
    return response
