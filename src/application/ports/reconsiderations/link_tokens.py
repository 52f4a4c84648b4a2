"""Signed tokens, by which an applicant's link is recognized."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReadToken:
    """What a token says; `authentic` if it is one that this service signed, byte for byte.

    The other parts of a token that is not authentic are chosen by the sender, or without meaning.
    """

    link_id: UUID
    expires_at: datetime
    authentic: bool


class LinkTokens(Protocol):
    """Signs and reads tokens."""

    @abstractmethod
    def sign(self, link_id: UUID, expires_at: datetime) -> str:
        """The token of a link, in characters that need no escaping in an address; always the same."""

    @abstractmethod
    def read(self, token: str) -> ReadToken:
        """What any text says as a token, in time that does not depend on where it is wrong."""
