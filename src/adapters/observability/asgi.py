"""Types of ASGI applications."""

from collections.abc import Awaitable, Callable
from typing import Any

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
"""An application: takes scope, receive and send."""
