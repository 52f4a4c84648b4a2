"""Proof of who somebody is: passwords and access tokens."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol


class PasswordHasher(Protocol):
    """Turns passwords into hashes that do not give them away."""

    @abstractmethod
    def hash(self, password: str) -> str:
        """A salted hash, with its parameters, as text."""

    @abstractmethod
    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash; takes as long when there is no hash at all."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and how long it is good for."""

    token: str
    lifetime: timedelta


class InvalidToken(Exception):
    """The token was not issued here, was changed, has expired or was revoked."""


class TokenSubject(NamedTuple):
    """Whom a token speaks for, and under which generation of theirs it was issued: not what they may do."""

    name: str
    generation: int


class AccessTokens(Protocol):
    """Issues and reads access tokens."""

    @abstractmethod
    def issue(self, subject: TokenSubject, lifetime: timedelta | None = None) -> AccessToken:
        """A token that proves who the subject is, for the usual lifetime unless another is given."""

    @abstractmethod
    def read(self, token: str) -> TokenSubject:
        """Whom the token speaks for; raises InvalidToken."""
