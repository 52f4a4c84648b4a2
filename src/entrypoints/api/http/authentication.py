"""Authentication by bearer token (RFC 6750)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from application.ports.access.credentials import InvalidToken
from application.ports.access.request_rates import TooManyRequests
from domain.access.user import Actor
from entrypoints.api.http.problems import unauthenticated
from entrypoints.api.http.request_facts import facts_of_caller, observe

Identify = Callable[[str], Actor]
"""Returns the caller of a token; raises InvalidToken, and TooManyRequests above the caller's rate limit.

Cheap, because verified tokens and users are cached.
"""
IdentifyNow = Callable[[str], Awaitable[Actor]]
"""The same, and reads the users again where the token may be newer than the cache."""


async def require_caller(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Set the request's user; the guard of every route that needs an access token."""
    identify: IdentifyNow = connection.app.state.identify_caller
    connection.scope["user"] = await authenticate(identify, connection.scope, dict(connection.scope["headers"]))


async def authenticate(identify: IdentifyNow, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Actor:
    """The caller whose token came with the request; raises RequestRejected with status 401."""
    try:
        actor = await identify(bearer(headers))
    except InvalidToken:
        raise unauthenticated(
            "The access token is unknown, expired or revoked; log in again.", error="invalid_token"
        ) from None
    except TooManyRequests as error:
        observe(scope, actor=error.caller)
        raise
    observe(scope, **facts_of_caller(actor))
    return actor


def bearer(headers: Mapping[bytes, bytes]) -> str:
    """The request's token; raises RequestRejected if there is none, and InvalidToken if it is not ASCII."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token.strip():
        raise unauthenticated("Send the header Authorization: Bearer with a token from /api/v1/auth/token.")
    try:
        return token.strip().decode("ascii")
    except UnicodeDecodeError:
        raise InvalidToken("an access token is ASCII") from None
