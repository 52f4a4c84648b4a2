"""Who may act as of now, answered from memory."""

from abc import abstractmethod
from typing import Protocol

from domain.access.account import Account


class UserDirectory(Protocol):
    """The users on record as of a moment ago; every process refreshes its own every second or so."""

    @abstractmethod
    def find(self, name: str) -> Account | None:
        """The account of this name, if there is one.

        Raises DependencyUnavailable before the first refresh, and between `invalidate` and the next one.
        """

    @abstractmethod
    async def refresh(self) -> None:
        """Read the users on record; return once they are as of no earlier than the call.

        Raises DependencyUnavailable, and then keeps what it knows.
        """

    @abstractmethod
    def invalidate(self) -> None:
        """Know nobody until the next refresh: what is known is too old to go by."""
