"""Problem details (RFC 9457), the body of every error response."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

PROBLEM_TYPE = "urn:credit-scoring:problem:"
MEDIA_TYPE = "application/problem+json"
_LONGEST_SHOWN = 60


class FieldError(Struct, frozen=True, omit_defaults=True):
    """An error of one field or parameter."""

    field: Annotated[str, Meta(description="The name of the field; empty for the whole body.")]
    problem: Annotated[str, Meta(description="What is wrong.")]
    allowed: Annotated[str | UnsetType, Meta(description="What is allowed.")] = UNSET
    value: Annotated[
        str | int | float | bool | UnsetType | None, Meta(description="The invalid value, unless it is long.")
    ] = UNSET


class Problem(Struct, frozen=True, omit_defaults=True):
    """A problem detail: the members of RFC 9457 and more."""

    type: Annotated[str, Meta(description="Identifies the problem: a URN that does not change.")]
    title: Annotated[str, Meta(description="The problem in words.")]
    status: Annotated[int, Meta(description="The HTTP status.")]
    detail: Annotated[str, Meta(description="What happened this time, and what to do.")]
    instance: Annotated[str | UnsetType, Meta(description="The path of the request.")] = UNSET
    request_id: Annotated[str | UnsetType, Meta(description="Quote it when asking for help.")] = UNSET
    errors: Annotated[list[FieldError] | UnsetType, Meta(description="Every error found.")] = UNSET
    error: Annotated[str | UnsetType, Meta(description="The error code of OAuth2 (RFC 6749, RFC 6750).")] = UNSET
    decision_id: Annotated[UUID | UnsetType, Meta(description="The decision that the request conflicts with.")] = (
        UNSET
    )


class RequestRejected(Exception):
    """Ends a request with a problem; `headers` are sent with it."""

    def __init__(
        self,
        status: int,
        name: str,
        title: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        error: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        decision_id: UUID | None = None,
    ) -> None:
        super().__init__(detail)
        self.headers = tuple(headers)
        self.problem = Problem(
            type=PROBLEM_TYPE + name,
            title=title,
            status=status,
            detail=detail,
            errors=list(errors) if errors else UNSET,
            error=error or UNSET,
            decision_id=decision_id or UNSET,
        )


def malformed(detail: str) -> RequestRejected:
    """The problem for a body that is not JSON or not complete."""
    return RequestRejected(400, "malformed-body", "Malformed body", detail)


def invalid(
    name: str, title: str, errors: Sequence[FieldError], *, status: int = 422, most: int = 50
) -> RequestRejected:
    """The problem for a well-formed request with invalid values; it lists at most `most` errors."""
    count = len(errors)
    detail = "1 validation error" if count == 1 else f"{count} validation errors"
    if count > most:
        detail += f"; the first {most} are listed"
    return RequestRejected(status, name, title, detail, errors=errors[:most])


def too_large(limit: int) -> RequestRejected:
    """The problem for a body of more than `limit` bytes."""
    return RequestRejected(413, "body-too-large", "Body too large", f"Send at most {limit:,} bytes.")


def unsupported(detail: str, accepted: str) -> RequestRejected:
    """The problem for a body of another media type than `accepted`."""
    return RequestRejected(
        415, "unsupported-content", "Unsupported media type", detail, headers=(("Accept-Post", accepted),)
    )


def unauthenticated(detail: str, *, error: str | None = None) -> RequestRejected:
    """The problem for a request without a valid access token (RFC 6750, section 3)."""
    challenge = 'Bearer realm="credit-scoring"'
    if error is not None:
        challenge += f', error="{error}", error_description="{detail}"'
    return RequestRejected(
        401,
        "unauthenticated",
        "Authentication required",
        detail,
        error=error,
        headers=(("WWW-Authenticate", challenge),),
    )


def shown_text(text: str) -> str:
    """Text of the caller as a problem may show it: short, and without what JSON cannot hold."""
    encodable = text.encode("utf-8", "replace").decode()
    return encodable if len(encodable) <= _LONGEST_SHOWN else encodable[:_LONGEST_SHOWN] + "…"
