"""The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), for every POST that creates.

The same key and request get the first answer again, with `Idempotent-Replayed: true`; the same key and another
request get 422. A caller's keys are apart from every other caller's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from application.ports.decisions.idempotency import MAX_KEY_LENGTH, IdempotencyKey, InvalidIdempotencyKey
from entrypoints.api.http.problems import FieldError, RequestRejected

HEADER = "Idempotency-Key"
REPLAYED = (b"idempotent-replayed", b"true")
"""Goes with an answer that was given before."""

_NAME = HEADER.lower().encode()
ALLOWED = f"one text of 1 to {MAX_KEY_LENGTH} visible ASCII characters, with or without quotation marks around it"

PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": "Makes it safe to ask again: the same key with the same request, of the same caller, gets the "
    "first answer again; with another request it gets 422. Use a new UUID for each request. Kept for at least 24 "
    "hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
}
REPLAYED_HEADER: dict[str, Any] = {
    "Idempotent-Replayed": {
        "description": "Stands only where the answer was given before under the same Idempotency-Key.",
        "schema": {"const": "true"},
    }
}


def idempotency_key(
    headers: Mapping[bytes, bytes], raw_headers: Iterable[tuple[bytes, bytes]]
) -> IdempotencyKey | None:
    """The key that came with the request, if one did; raises a refusal for one that is none, or more than one.

    Quotation marks, which the draft asks for and few callers send, are no part of the key.
    """
    given = headers.get(_NAME)
    if given is None:
        return None
    if sum(name == _NAME for name, _ in raw_headers) > 1:
        raise _refused("is given more than once")
    try:
        return IdempotencyKey(_unquoted(given.decode("latin-1").strip()))
    except InvalidIdempotencyKey:
        raise _refused("is not a key") from None


def _unquoted(text: str) -> str:
    """What a quoted string (RFC 8941, section 3.3.3) says; any other text as it is."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return text


def _refused(problem: str) -> RequestRejected:
    return RequestRejected(
        400,
        "invalid-idempotency-key",
        "The idempotency key cannot be used",
        f"the header {HEADER} {problem}",
        errors=[FieldError(HEADER, problem, ALLOWED)],
    )
