"""ASGI in types, for any framework's application."""

from collections.abc import Awaitable, Callable
from typing import Any

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
"""Takes scope, receive and send."""
