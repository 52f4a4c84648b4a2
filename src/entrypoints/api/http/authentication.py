"""Who is calling, from the bearer token (RFC 6750)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from application.ports.access.credentials import InvalidToken
from application.ports.access.request_rates import TooManyRequests
from domain.access.user import Actor
from entrypoints.api.http.problems import unauthenticated
from entrypoints.api.http.request_facts import facts_of_caller, observe

Identify = Callable[[str], Actor]
"""Reads whom a token speaks for; raises InvalidToken, and TooManyRequests where requests are limited.

Cheap: it remembers the tokens it verified, and the users.
"""
IdentifyNow = Callable[[str], Awaitable[Actor]]
"""The same, after a look at the users on record where the token may be too new to be known."""


async def authenticate(identify: IdentifyNow, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Actor:
    """The actor whose token came with the request; raises a refusal with status 401."""
    try:
        actor = await identify(bearer(headers))
    except InvalidToken:
        raise unauthenticated(
            "the token was not issued here, has expired or was revoked; log in again", error="invalid_token"
        ) from None
    except TooManyRequests as refused:
        observe(scope, actor=refused.caller)
        raise
    observe(scope, **facts_of_caller(actor))
    return actor


def bearer(headers: Mapping[bytes, bytes]) -> str:
    """The token that came with a request; raises a refusal where there is none, InvalidToken if it is no text."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token.strip():
        raise unauthenticated("send Authorization: Bearer with a token from /api/v1/auth/token")
    try:
        return token.strip().decode("ascii")
    except UnicodeDecodeError:
        raise InvalidToken("an access token is ASCII") from None
