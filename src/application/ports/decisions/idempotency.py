"""Idempotency: a caller who asks again under the same key gets the first answer again.

Whatever creates something by POST takes part alike: it makes a `Claim` of what is asked, and records the claim in
the very transaction that creates.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Self

from domain.access.user import Actor

MAX_KEY_LENGTH = 255


class InvalidIdempotencyKey(ValueError):
    """A key is 1 to 255 visible characters of ASCII."""


class KeyReused(Exception):
    """The caller used this key before, to ask for something else."""


class OriginalResponseUnavailable(Exception):
    """The caller used this key before, and the answer that it stands for cannot be had any more."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """What a caller names a request by, to be able to repeat it safely; chosen at random, best a UUID."""

    text: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.text) <= MAX_KEY_LENGTH or not all("!" <= each <= "~" for each in self.text):
            raise InvalidIdempotencyKey(f"a key is 1 to {MAX_KEY_LENGTH} visible characters of ASCII")


@dataclass(frozen=True, slots=True)
class Claim:
    """One caller's key on one request; two callers may use the same key and never meet.

    `fingerprint` is the SHA-256 of what is asked, 32 bytes.
    """

    actor: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, key: IdempotencyKey, *, by: Actor, to: str, asked: Any) -> Self:
        """The claim of somebody who asks to do something ("assess a loan application") with a value.

        `asked` is a dataclass of the domain or a plain value: its meaning counts, not the bytes it came in, so
        that other spellings of the same request are the same request.
        """
        return cls(by.name, key.text, sha256(f"{to}\n{canonical_request(asked)}".encode()).digest())

    @property
    def place(self) -> tuple[str, str]:
        """Whose key it is, and which: of one place there is one claim."""
        return self.actor, self.key

    def must_be(self, fingerprint: bytes) -> None:
        """Refuse unless the claim first made in this place was of the same request; raises KeyReused."""
        if fingerprint != self.fingerprint:
            raise KeyReused("this key stands for another request already")


def canonical_request(asked: Any) -> str:
    """A value as JSON in one way only: members sorted, no white space, floats in their shortest exact form."""
    return _encode(asked)


def _plain(value: Any) -> object:
    """A dataclass as a mapping, a member of an enumeration as its value; in half the time that `asdict` takes."""
    return _reader(type(value))(value)  # type: ignore[arg-type] # a type is hashable


@cache
def _reader(kind: type) -> Callable[[Any], object]:
    if issubclass(kind, Enum):
        return attrgetter("value")
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no canonical form")
    names = tuple(field.name for field in fields(kind))
    return lambda value: {name: getattr(value, name) for name in names}


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain, check_circular=False).encode
