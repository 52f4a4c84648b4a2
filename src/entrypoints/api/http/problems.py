"""Problem details (RFC 9457): how every error is told to a caller."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

PROBLEM_TYPE = "urn:credit-scoring:problem:"
MEDIA_TYPE = "application/problem+json"


class FieldError(Struct, frozen=True, omit_defaults=True):
    """One thing wrong with one field."""

    field: Annotated[str, Meta(description="The field's name; empty for the body as a whole.")]
    problem: Annotated[str, Meta(description="What is wrong with its value.")]
    allowed: Annotated[str | UnsetType, Meta(description="What may stand there.")] = UNSET
    value: Annotated[
        str | int | float | bool | UnsetType | None, Meta(description="What stood there, where it is short.")
    ] = UNSET


class Problem(Struct, frozen=True, omit_defaults=True):
    """What went wrong, in RFC 9457's members and four more."""

    type: Annotated[str, Meta(description="Which kind of problem: a URN that does not change.")]
    title: Annotated[str, Meta(description="The kind of problem in words.")]
    status: Annotated[int, Meta(description="The HTTP status, again.")]
    detail: Annotated[str, Meta(description="What went wrong this time, and what to do.")]
    instance: Annotated[str | UnsetType, Meta(description="The path that was called.")] = UNSET
    request_id: Annotated[str | UnsetType, Meta(description="To be quoted when asking for help.")] = UNSET
    errors: Annotated[list[FieldError] | UnsetType, Meta(description="Every fault found, not only the first.")] = (
        UNSET
    )
    error: Annotated[str | UnsetType, Meta(description="OAuth2's error code (RFC 6749, RFC 6750).")] = UNSET


class RequestRejected(Exception):
    """The request cannot be answered as asked; `headers` go with the answer that says so."""

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
        )


def malformed(detail: str) -> RequestRejected:
    """The body is not JSON at all."""
    return RequestRejected(400, "malformed-body", "The body is not JSON", detail)


def invalid(
    name: str, title: str, faults: Sequence[FieldError], *, status: int = 422, most: int = 50
) -> RequestRejected:
    """The request was read but its content is wrong; of very many faults the first fifty are told."""
    count = len(faults)
    detail = "1 fault was found" if count == 1 else f"{count} faults were found"
    if count > most:
        detail += f"; the first {most} are listed"
    return RequestRejected(status, name, title, detail, errors=faults[:most])


def too_large(limit: int) -> RequestRejected:
    """The body is larger than is read."""
    return RequestRejected(
        413, "body-too-large", "The body is too large", f"at most {limit:,} bytes are read; send a smaller body"
    )


def unsupported(detail: str, accepted: str) -> RequestRejected:
    """The body is of another kind than is read here."""
    return RequestRejected(
        415,
        "unsupported-content",
        "The body's kind is not supported",
        detail,
        headers=(("Accept-Post", accepted),),
    )


def unauthenticated(detail: str, *, error: str | None = None) -> RequestRejected:
    """It is not known who calls (RFC 6750, section 3)."""
    challenge = 'Bearer realm="credit-scoring"'
    if error is not None:
        challenge += f', error="{error}", error_description="{detail}"'
    return RequestRejected(
        401,
        "unauthenticated",
        "Who is calling is not known",
        detail,
        error=error,
        headers=(("WWW-Authenticate", challenge),),
    )
