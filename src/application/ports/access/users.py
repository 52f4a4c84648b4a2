"""The people and services that can log in."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.access.account import Account
from domain.access.user import Role, User
from domain.audit.event import RecordedEvent


class Users(Protocol):
    """Finds and stores users; raises DependencyUnavailable if the storage does not answer.

    The last admin cannot be removed or demoted, even by concurrent changes. A user gets a new generation when
    added and with every change.

    A change and its `event` are written in one transaction. A call that changes nothing adds no event.
    """

    @abstractmethod
    async def find(self, name: str) -> User | None:
        """The user with this name, if there is one."""

    @abstractmethod
    async def all(self) -> Sequence[User]:
        """All users, in no particular order."""

    @abstractmethod
    async def accounts(self) -> Sequence[Account]:
        """All accounts, which contain no password hashes."""

    @abstractmethod
    async def add_if_none(self, user: User, *, event: RecordedEvent) -> bool:
        """Add the first user; return False if there already is a user."""

    @abstractmethod
    async def add(self, user: User, *, event: RecordedEvent) -> bool:
        """Add a user; return False if the name is taken."""

    @abstractmethod
    async def change_password(
        self,
        name: str,
        password_hash: str,
        *,
        event: RecordedEvent,
        must_change: bool = False,
        generation: int | None = None,
    ) -> bool:
        """Replace a user's password; return False if there is no such user.

        With `must_change` the user must choose a new password first. With `generation` the password is replaced
        only if the user still has that generation.
        """

    @abstractmethod
    async def record_login(self, name: str, at: datetime, *, event: RecordedEvent) -> datetime | None:
        """Store the time of a login, and return that of the one before.

        The generation stays. A user who was removed meanwhile has no login recorded. Raises EventRefused.
        """

    @abstractmethod
    async def renew_generation(self, name: str, *, event: RecordedEvent) -> bool:
        """Invalidate all tokens and sessions of a user; return False if there is no such user."""

    @abstractmethod
    async def change_role(
        self, name: str, role: Role, *, event: RecordedEvent, generation: int | None = None
    ) -> bool:
        """Replace a user's role; return False if there is no such user of this generation. Raises LastAdmin."""

    @abstractmethod
    async def remove(self, name: str, *, event: RecordedEvent, generation: int | None = None) -> bool:
        """Remove a user; return False if there is no such user of this generation. Raises LastAdmin."""
