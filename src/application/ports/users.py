"""The people and services that can log in."""

from abc import abstractmethod
from typing import Protocol

from domain.access.user import User


class Users(Protocol):
    """Finds and keeps users; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def find(self, name: str) -> User | None:
        """The user of this name, if there is one."""

    @abstractmethod
    async def add_if_none(self, user: User) -> bool:
        """Add the first user; says False, and changes nothing, when there already is any user."""

    @abstractmethod
    async def keep(self, user: User) -> None:
        """Add the user, or replace the one of the same name."""
