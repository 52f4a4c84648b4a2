"""The users who may act, from memory."""

from abc import abstractmethod
from typing import Protocol

from domain.access.account import Account


class UserDirectory(Protocol):
    """A recent copy of all accounts; every process refreshes its own about once per second."""

    @abstractmethod
    def find(self, name: str) -> Account | None:
        """The account with this username, if there is one.

        Raises DependencyUnavailable before the first refresh, and between `invalidate` and the next refresh.
        """

    @abstractmethod
    async def refresh(self) -> None:
        """Read all accounts as they are now or later.

        Raises DependencyUnavailable, and then keeps the previous copy.
        """

    @abstractmethod
    def invalidate(self) -> None:
        """Discard the copy, because it is too old, until the next refresh."""
