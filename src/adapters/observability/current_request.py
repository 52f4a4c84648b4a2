"""The request that the running code serves, for records that are made deep inside it."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

_scope: ContextVar[Mapping[str, Any] | None] = ContextVar("request_scope", default=None)


def enter(scope: Mapping[str, Any]) -> None:
    """Set the ASGI scope of the request or WebSocket that this task, and every task it starts, serves."""
    _scope.set(scope)


def current_scope() -> Mapping[str, Any] | None:
    """The scope; None outside a request."""
    return _scope.get()


def current_facts() -> Mapping[str, str]:
    """The facts of the request that are known so far (see `request_observer.py`); empty outside a request."""
    facts: Mapping[str, str] = ((_scope.get() or {}).get("state") or {}).get("observed") or {}
    return facts


def source_address() -> str:
    """The client's address, as forwarded by trusted proxies; empty outside a request.

    Proxy middleware corrects `client` in the scope, possibly after `enter`.
    """
    client = (_scope.get() or {}).get("client")
    return str(client[0]) if client else ""
