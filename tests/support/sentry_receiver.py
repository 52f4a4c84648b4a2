"""The protocol of Sentry: envelopes as a server reads them."""

import gzip
import json
from typing import Any

import brotli

from support.observing import Receiver

KEY, PROJECT = "0123456789abcdef0123456789abcdef", "42"


def dsn(receiver: Receiver) -> str:
    """The address that the service is given."""
    return f"http://{KEY}@{receiver.address}/{PROJECT}"


def received_items(receiver: Receiver) -> list[tuple[str, bytes]]:
    """The type and content of every item in every envelope; an envelope that breaks the protocol is an error.

    https://develop.sentry.dev/sdk/data-model/envelopes/
    """
    return [item for path, headers, body in receiver.posts for item in _items(path, headers, body)]


def received_events(receiver: Receiver) -> list[dict[str, Any]]:
    """The reports of errors."""
    return [json.loads(content) for kind, content in received_items(receiver) if kind == "event"]


def _items(path: str, headers: dict[str, str], body: bytes) -> list[tuple[str, bytes]]:
    assert path == f"/api/{PROJECT}/envelope/"
    assert headers["content-type"] == "application/x-sentry-envelope"
    scheme, _, parameters = headers["x-sentry-auth"].partition(" ")
    assert scheme == "Sentry"
    credentials = dict(part.strip().split("=", 1) for part in parameters.split(","))
    assert (credentials["sentry_key"], credentials["sentry_version"]) == (KEY, "7")
    decode = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}[headers.get("content-encoding", "")]
    envelope_header, _, rest = decode(body).partition(b"\n")
    envelope = json.loads(envelope_header)
    items = []
    while rest.strip():
        item_header, _, rest = rest.partition(b"\n")
        item = json.loads(item_header)
        length = item.get("length", len(rest.partition(b"\n")[0]))
        content, rest = rest[:length], rest[length:]
        assert rest[:1] in {b"\n", b""}
        rest = rest[1:]
        if item["type"] == "event":
            assert json.loads(content)["event_id"] == envelope["event_id"]
        items.append((item["type"], content))
    assert items
    return items
