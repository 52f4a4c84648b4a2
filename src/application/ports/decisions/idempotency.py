"""Idempotency: a caller who repeats a request under the same key gets the original response.

Every operation that creates something by POST makes a `Claim` of the request and records it in the transaction
that creates the result.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Self

from domain.access.user import Actor

MAX_KEY_LENGTH = 255


class InvalidIdempotencyKey(ValueError):
    """A key is 1 to 255 visible ASCII characters."""


class KeyReused(Exception):
    """The caller has already used this key for a different request."""


class OriginalResponseUnavailable(Exception):
    """The caller has already used this key, and the original response is no longer available."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's name for a request, which makes it safe to repeat; best a random UUID."""

    text: str

    def __post_init__(self) -> None:
        visible = self.text.isascii() and self.text.isprintable() and " " not in self.text
        if not 1 <= len(self.text) <= MAX_KEY_LENGTH or not visible:
            raise InvalidIdempotencyKey(f"a key is 1 to {MAX_KEY_LENGTH} visible ASCII characters")


@dataclass(frozen=True, slots=True)
class Claim:
    """A caller's key for a request. Keys of different callers are independent.

    `fingerprint` is the SHA-256 of the request, 32 bytes.
    """

    actor: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, key: IdempotencyKey, *, by: Actor, operation: str, request: Any) -> Self:
        """The claim of an actor who requests an operation ("assess a loan application").

        `request` is a dataclass of the domain or a plain value. Its content counts, not the bytes in which it
        arrived, so that the same request in another notation is the same request.
        """
        return cls(by.name, key.text, sha256(f"{operation}\n{canonical_request(request)}".encode()).digest())

    @property
    def place(self) -> tuple[str, str]:
        """Caller and key, which together identify the claim."""
        return self.actor, self.key

    def check_same_request(self, fingerprint: bytes) -> None:
        """Raise KeyReused unless `fingerprint`, of the first claim with this key, is that of this request."""
        if fingerprint != self.fingerprint:
            raise KeyReused("this key has already been used for a different request")


def canonical_request(request: Any) -> str:
    """The request as JSON with sorted keys, without white space, and with floats in their shortest exact form."""
    return _encode(request)


def _plain(value: Any) -> object:
    """A dataclass as a dict, an Enum member as its value and a date in ISO 8601, in half the time of `asdict`."""
    return _reader(type(value))(value)  # type: ignore[arg-type] # a type is hashable


@cache
def _reader(kind: type) -> Callable[[Any], object]:
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, date):
        return kind.isoformat
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} cannot be converted to canonical JSON")
    names = tuple(field.name for field in fields(kind))
    return lambda value: {name: getattr(value, name) for name in names}


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain, check_circular=False).encode
