"""What can go wrong when the service is called. Every error of this package is a ScoringError."""

import msgspec

from credit_scoring_client.models import FieldError, Problem

_PREFIX = "urn:credit-scoring:problem:"


class ScoringError(Exception):
    """The call did not succeed."""


class ServiceUnreachable(ScoringError):
    """No response was received: the address is wrong, or the service or the network is down.

    The request may have taken effect. With the same idempotency key it can be repeated safely.
    """


class BatchTimeout(ScoringError):
    """The batch did not finish in the given time; it continues."""


class InvalidSignature(ScoringError):
    """A webhook is not authentic, or too old."""


class UnexpectedContent(ScoringError):
    """A response or a webhook is not as expected: it is from a proxy, or from a later release.

    The request may have taken effect.
    """


class RequestFailed(ScoringError):
    """The service responded with a problem.

    `kind` identifies it, such as "invalid-application" or "outcome-unknown"; `errors` names every invalid field;
    quote `request_id` when asking for help.
    """

    def __init__(
        self,
        status: int,
        problem: Problem | None,
        retry_after: float | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(status, problem, retry_after, location)  # all of them, so that it can be pickled
        self.status = status
        self.problem = problem
        self.retry_after = retry_after
        self.location = location

    @property
    def kind(self) -> str:
        return "" if self.problem is None else self.problem.type.removeprefix(_PREFIX)

    @property
    def errors(self) -> list[FieldError]:
        errors = msgspec.UNSET if self.problem is None else self.problem.errors
        return [] if errors is msgspec.UNSET else errors

    @property
    def request_id(self) -> str | None:
        request_id = msgspec.UNSET if self.problem is None else self.problem.request_id
        return None if request_id is msgspec.UNSET else request_id

    def __str__(self) -> str:
        if self.location is not None:
            return f"status {self.status}: redirected to {self.location}; redirects are not followed"
        if self.problem is None:
            return f"status {self.status} without a problem detail, perhaps from a proxy"
        faults = [f"{error.field}: {error.problem}" if error.field else error.problem for error in self.errors]
        text = f"{self.problem.title} ({self.status}): {self.problem.detail}"
        return "; ".join([text, *faults])


class NotAuthenticated(RequestFailed):
    """401, or a wrong username or password: the service does not accept the credentials."""


class NotPermitted(RequestFailed):
    """403: the user's role does not allow this."""


class NotFound(RequestFailed):
    """404: it does not exist, or belongs to another caller."""


class Conflict(RequestFailed):
    """409 or 412: the state does not allow this now, such as results of an unfinished batch.

    412 means that `if_match` is out of date: read again, and decide whether the change is still right.
    """


class InvalidRequest(RequestFailed):
    """400 or 422: the request is wrong; `errors` names every fault."""


class TooManyRequests(RequestFailed):
    """429: a limit is reached; try again after `retry_after` seconds."""


class ServiceUnavailable(RequestFailed):
    """502, 503 or 504 after the retries; `kind` "outcome-unknown": the request may have taken effect."""


_BY_STATUS: dict[int, type[RequestFailed]] = {
    400: InvalidRequest,
    401: NotAuthenticated,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    422: InvalidRequest,
    429: TooManyRequests,
    502: ServiceUnavailable,
    503: ServiceUnavailable,
    504: ServiceUnavailable,
}


def error_of(status: int, body: bytes, retry_after: float | None, location: str | None = None) -> RequestFailed:
    """Return the error of a response."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = None
    if problem is not None and problem.error == "invalid_grant":  # OAuth2 requires status 400 for it
        return NotAuthenticated(status, problem, retry_after)
    return _BY_STATUS.get(status, RequestFailed)(status, problem, retry_after, location)
