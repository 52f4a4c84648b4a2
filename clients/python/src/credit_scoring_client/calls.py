"""How an operation is carried out: authenticated, and repeated where that is safe. It does no input or output.

`Caller.call` is a generator. It yields what the client has to do, and gets the response sent back; so the
synchronous and the asynchronous client share it.
"""

import random
from collections.abc import AsyncIterable, Generator, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from credit_scoring_client import operations
from credit_scoring_client.errors import (
    NotAuthenticated,
    RequestFailed,
    ScoringError,
    ServiceUnreachable,
    UnexpectedContent,
    error_of,
)
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
        planned = min(self.first_pause * 2.0 ** min(attempt - 1, 64), self.longest_pause)
        return max(planned * random.uniform(0.5, 1.0), retry_after or 0.0)  # noqa: S311 - jitter


@dataclass(frozen=True, slots=True)
class Send:
    """A request to send, with the headers of authentication."""

    operation: Operation[Any]
    headers: dict[str, str] = field(repr=False)  # they hold an access token

    def request(
        self,
        http: httpx.Client | httpx.AsyncClient,
        base_url: str,
        content: bytes | Iterable[bytes] | AsyncIterable[bytes] | None,
        timeout: httpx.Timeout,
    ) -> httpx.Request:
        """Return the request, which `http` can send."""
        operation = self.operation
        return http.build_request(
            operation.method,
            base_url + operation.path,
            params=operation.query,
            headers={**operation.headers, **self.headers},
            content=content,
            data=operation.form,
            timeout=timeout,
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause before the next attempt."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Renew:
    """Run `Caller.renew`, but not for several calls at once. `seen` is the last rejection before it."""

    refused: str | None = field(repr=False)
    seen: NotAuthenticated | None


Step = Send | Pause | Renew
Reply = httpx.Response | httpx.RequestError
Steps = Generator[Step, Reply | None, Result]


class Caller:
    """Credentials and the retry policy of one client.

    With a username and a password, access tokens are requested when needed and renewed before they expire.
    """

    def __init__(
        self, *, token: str | None, username: str | None, password: str | None, retry: RetryPolicy
    ) -> None:
        given = (token is not None, username is not None, password is not None)
        if given not in {(True, False, False), (False, True, True)}:
            raise ValueError("give either a token, or a username and a password")
        if token is not None and not (token and token.isascii() and token.isprintable() and " " not in token):
            raise ValueError("the token is empty, or has white space or other characters that tokens do not have")
        self._token, self._renew_at = token, float("inf")
        self._username, self._password = username, password
        self._retry = retry
        self._rejection: NotAuthenticated | None = None

    def call(self, operation: Operation[Result]) -> Steps[httpx.Response]:
        """Return the response of a successful call. Raises ScoringError."""
        attempt, refused = 0, None
        while True:
            attempt += 1
            if operation.authenticated and self._lacks_token(refused):
                yield Renew(refused, self._rejection)
            token = self._token  # read once, because another thread may replace it
            reply = yield Send(operation, {"Authorization": f"Bearer {token}"} if operation.authenticated else {})
            error = _error(reply, operation)
            if error is None:
                assert isinstance(reply, httpx.Response)  # noqa: S101 - for the type checker: see _error
                return reply
            renewable = operation.authenticated and self._password is not None and refused is None
            if _status(error) == _UNAUTHORIZED and renewable:
                refused = token  # it was revoked, or the service's key was replaced
                continue
            pause = self._retry.pause(attempt, _retry_after(error)) if _may_repeat(operation, error) else None
            if pause is None:
                raise error
            yield Pause(pause)

    def renew(self, step: Renew) -> Steps[None]:
        """Request an access token other than the refused one, unless another call has done so meanwhile.

        If the credentials were rejected meanwhile, the call fails as well: more attempts would lock out the user.
        """
        if not self._lacks_token(step.refused):
            return
        if self._rejection is not None and self._rejection is not step.seen:
            raise type(self._rejection)(*self._rejection.args)
        try:
            issue = operations.issue_token(self._username or "", self._password or "")
            issued = issue.decode((yield from self.call(issue)).content)
            self._token = issued.access_token
            self._renew_at = monotonic() + max(issued.expires_in - _RENEW_BEFORE_SECONDS, issued.expires_in / 2)
        except NotAuthenticated as error:
            self._rejection = error
            raise

    def _lacks_token(self, refused: str | None) -> bool:
        return self._token is None or self._token == refused or monotonic() >= self._renew_at


def address(base_url: str) -> str:
    """Return the address without a trailing slash. Raises ValueError for what is not one."""
    parts = urlsplit(base_url.strip())
    if parts.username is not None:  # httpx would send it instead of the access token
        raise ValueError("the address contains a username: give username= and password= instead")
    wrong = parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment
    if wrong or parts.port == 0:  # a port that is not a number raises ValueError
        raise ValueError(f"{base_url!r} is not an address such as https://scoring.example")
    return parts.geturl().rstrip("/")


def failure(error: httpx.RequestError) -> ServiceUnreachable | UnexpectedContent:
    """Return the error of a connection that failed or broke, or of a body that cannot be decompressed."""
    kind = UnexpectedContent if isinstance(error, httpx.DecodingError) else ServiceUnreachable
    failed = kind(f"{type(error).__name__}: {error}")
    failed.__cause__ = error
    return failed


def _error(reply: Reply | None, operation: Operation[Any]) -> ScoringError | None:
    """The error of a reply; None if the reply is a successful response."""
    if isinstance(reply, httpx.RequestError):
        return failure(reply)
    if reply is None:
        raise ValueError("a response, or the error of sending, is required")
    if reply.is_success or reply.status_code in operation.accepted_statuses:
        return None
    location = reply.headers.get("Location") if reply.has_redirect_location else None
    return error_of(reply.status_code, reply.content, _seconds(reply.headers.get("Retry-After")), location)


def _may_repeat(operation: Operation[Any], error: ScoringError) -> bool:
    status = _status(error)
    refused_before_it_began = status == _TOO_MANY_REQUESTS
    invalid = isinstance(error.__cause__, httpx.LocalProtocolError)  # it was not sent
    interrupted = status in _UNAVAILABLE or (isinstance(error, ServiceUnreachable) and not invalid)
    return refused_before_it_began or (interrupted and operation.repeatable)


def _status(error: ScoringError) -> int | None:
    return error.status if isinstance(error, RequestFailed) else None


def _retry_after(error: ScoringError) -> float | None:
    return error.retry_after if isinstance(error, RequestFailed) else None


def _seconds(header: str | None) -> float | None:
    """The seconds in a header; None for a date, which this service never sends."""
    return float(header) if header is not None and header.isdecimal() else None
