"""Proof of who somebody is: passwords and access tokens."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.access.user import Actor


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
    """The token was not issued here, was changed, or has expired."""


class AccessTokens(Protocol):
    """Issues and reads access tokens."""

    @abstractmethod
    def issue(self, actor: Actor, lifetime: timedelta | None = None) -> AccessToken:
        """A token that proves who the actor is, for the usual lifetime unless told."""

    @abstractmethod
    def read(self, token: str) -> Actor:
        """Whom the token speaks for; raises InvalidToken."""
