"""The request that the code running now serves, for what is recorded deep inside it."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

_scope: ContextVar[Mapping[str, Any] | None] = ContextVar("request_scope", default=None)


def enter(scope: Mapping[str, Any]) -> None:
    """This task, and every task started by it, serves the request (or web socket) with this ASGI scope."""
    _scope.set(scope)


def current_scope() -> Mapping[str, Any] | None:
    """The scope; None outside any request."""
    return _scope.get()


def source_address() -> str:
    """Where the request came from, as far as trusted proxies told; empty outside any request.

    Proxy middleware corrects `client` in the scope itself, perhaps after the request was entered.
    """
    client = (_scope.get() or {}).get("client")
    return str(client[0]) if client else ""
