"""Credentials: passwords and access tokens."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol


class PasswordHasher(Protocol):
    """Hashes and verifies passwords."""

    @abstractmethod
    def hash(self, password: str) -> str:
        """A salted hash with its parameters, as text."""

    @abstractmethod
    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password matches the hash. Takes the same time if `password_hash` is None."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and its lifetime."""

    token: str
    lifetime: timedelta


class InvalidToken(Exception):
    """The token was not issued by this service, was altered, has expired or was revoked."""


class TokenSubject(NamedTuple):
    """The user a token was issued to, with the generation of the account then. It contains no permissions."""

    name: str
    generation: int


class AccessTokens(Protocol):
    """Issues and reads access tokens."""

    @abstractmethod
    def issue(self, subject: TokenSubject, lifetime: timedelta | None = None) -> AccessToken:
        """A token for the subject; the lifetime defaults to the configured one."""

    @abstractmethod
    def read(self, token: str) -> TokenSubject:
        """The subject of the token; raises InvalidToken."""
