"""The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), for every POST that creates.

The same key with the same request gets the recorded decision or batch again, with `Idempotent-Replayed: true`; the
same key with a different request gets 422. Every caller has its own keys.
"""

from collections.abc import Iterable, Mapping

from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter

from application.ports.decisions.idempotency import MAX_KEY_LENGTH, IdempotencyKey, InvalidIdempotencyKey
from entrypoints.api.http.problems import FieldError, RequestRejected

HEADER = "Idempotency-Key"
REPLAYED = (b"idempotent-replayed", b"true")
"""The header of a response that repeats an earlier one."""

_NAME = HEADER.lower().encode()
ALLOWED = f"1 to {MAX_KEY_LENGTH} visible ASCII characters, with or without quotation marks around them"

IDEMPOTENCY_KEY = HeaderParameter(
    name=HEADER,
    description="Makes repeating the request safe: the same key with the same request returns the recorded "
    "decision or batch again; with a different request it is rejected with 422. Use a new UUID for each request. "
    "Keys are kept for at least 24 hours.",
    schema_extra={"minLength": 1, "maxLength": MAX_KEY_LENGTH},
)
REPLAYED_HEADER = ResponseHeader(
    name="Idempotent-Replayed",
    documentation_only=True,
    description="`true` where the response repeats that of an earlier request with the same Idempotency-Key.",
)


def idempotency_key(
    headers: Mapping[bytes, bytes], raw_headers: Iterable[tuple[bytes, bytes]]
) -> IdempotencyKey | None:
    """The key of the request, if it has one; raises RequestRejected for an invalid or repeated key.

    The draft's quotation marks, which few callers send, are not part of the key.
    """
    given = headers.get(_NAME)
    if given is None:
        return None
    if sum(name == _NAME for name, _ in raw_headers) > 1:
        raise _invalid_key("is given more than once")
    try:
        return IdempotencyKey(_unquoted(given.decode("latin-1").strip()))
    except InvalidIdempotencyKey:
        raise _invalid_key("is not a valid key") from None


def _unquoted(text: str) -> str:
    """The content of a quoted string (RFC 8941, section 3.3.3); any other text as it is."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return text


def _invalid_key(problem: str) -> RequestRejected:
    return RequestRejected(
        400,
        "invalid-idempotency-key",
        "Invalid idempotency key",
        f"The header {HEADER} {problem}.",
        errors=[FieldError(HEADER, problem, ALLOWED)],
    )
