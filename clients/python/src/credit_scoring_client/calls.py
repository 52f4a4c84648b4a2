"""How an operation is carried out: authenticated, and repeated where that is safe. It does no input or output.

`Caller.call` is a generator. It yields what is to be sent, or how long to wait, and gets the response sent back;
so the synchronous and the asynchronous client share it.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from credit_scoring_client import operations
from credit_scoring_client.errors import RequestFailed, ServiceUnreachable, error_of
from credit_scoring_client.operations import Operation

Result = TypeVar("Result")
_UNAUTHORIZED = 401
_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = (502, 503, 504)
_RENEW_BEFORE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and when a call is repeated.

    The pause doubles from `first_pause` to `longest_pause` seconds, with jitter; a longer `Retry-After` than
    `longest_pause` ends the call with its error.
    """

    attempts: int = 5
    first_pause: float = 0.2
    longest_pause: float = 10.0

    def pause(self, attempt: int, retry_after: float | None) -> float | None:
        """Seconds to wait after this attempt, counted from 1; None if the call should fail now."""
        if attempt >= self.attempts or (retry_after or 0.0) > self.longest_pause:
            return None
        planned = min(self.first_pause * 2.0 ** (attempt - 1), self.longest_pause)
        return max(planned * random.uniform(0.5, 1.0), retry_after or 0.0)  # noqa: S311 - jitter


@dataclass(frozen=True, slots=True)
class Send:
    """A request to send, with the headers of authentication."""

    operation: Operation[Any]
    headers: dict[str, str] = field(repr=False)  # they hold an access token


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause before the next attempt."""

    seconds: float


Reply = httpx.Response | httpx.TransportError
Steps = Generator[Send | Pause, Reply | None, Result]


class Caller:
    """Credentials and the retry policy of one client.

    With a username and a password, access tokens are requested when needed and renewed before they expire.
    """

    def __init__(
        self, *, token: str | None, username: str | None, password: str | None, retry: RetryPolicy
    ) -> None:
        if (token is None) == (username is None or password is None):
            raise ValueError("give either a token, or a username and a password")
        self._token, self._renew_at = token, float("inf")
        self._username, self._password = username, password
        self._retry = retry

    def call(self, operation: Operation[Result]) -> Steps[httpx.Response]:
        """Return the response of a successful call. Raises ScoringError."""
        renewed = attempt = 0
        while True:
            attempt += 1
            headers = (yield from self._authorization()) if operation.authenticated else {}
            reply = yield Send(operation, headers)
            error = _error(reply, operation)
            if error is None:
                assert isinstance(reply, httpx.Response)  # noqa: S101 - for the type checker: see _error
                return reply
            if _status(error) == _UNAUTHORIZED and operation.authenticated and self._username and not renewed:
                self._token = None  # it was revoked, or the service's key was replaced
                renewed = 1
                continue
            pause = self._retry.pause(attempt, _retry_after(error)) if _may_repeat(operation, error) else None
            if pause is None:
                raise error
            yield Pause(pause)

    def _authorization(self) -> Steps[dict[str, str]]:
        if self._token is None or monotonic() >= self._renew_at:
            issue = operations.issue_token(self._username or "", self._password or "")
            issued = issue.decode((yield from self.call(issue)).content)
            self._token = issued.access_token
            self._renew_at = monotonic() + max(issued.expires_in - _RENEW_BEFORE_SECONDS, issued.expires_in / 2)
        return {"Authorization": f"Bearer {self._token}"}


def address(base_url: str) -> str:
    """Return the address without a trailing slash. Raises ValueError for what is not one."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{base_url!r} is not an address such as https://scoring.example")
    return base_url.rstrip("/")


def unreachable(error: httpx.TransportError) -> ServiceUnreachable:
    """Return the error of a connection that failed or broke."""
    failed = ServiceUnreachable(f"{type(error).__name__}: {error}")
    failed.__cause__ = error
    return failed


def _error(reply: Reply | None, operation: Operation[Any]) -> RequestFailed | ServiceUnreachable | None:
    """The error of a reply; None if the reply is a successful response."""
    if isinstance(reply, httpx.TransportError):
        return unreachable(reply)
    if reply is None:
        raise ValueError("a response, or the error of sending, is required")
    if reply.is_success or reply.status_code in operation.accepted_statuses:
        return None
    return error_of(reply.status_code, reply.content, _seconds(reply.headers.get("Retry-After")))


def _may_repeat(operation: Operation[Any], error: RequestFailed | ServiceUnreachable) -> bool:
    status = _status(error)
    refused_before_it_began = status == _TOO_MANY_REQUESTS
    interrupted = status is None or status in _UNAVAILABLE
    return refused_before_it_began or (interrupted and operation.repeatable)


def _status(error: RequestFailed | ServiceUnreachable) -> int | None:
    return error.status if isinstance(error, RequestFailed) else None


def _retry_after(error: RequestFailed | ServiceUnreachable) -> float | None:
    return error.retry_after if isinstance(error, RequestFailed) else None


def _seconds(header: str | None) -> float | None:
    """The seconds in a header; None for a date, which this service never sends."""
    return float(header) if header is not None and header.isdecimal() else None
