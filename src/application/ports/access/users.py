"""The people and services that can log in."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.access.account import Account
from domain.access.user import Role, User
from domain.audit.event import RecordedEvent


class Users(Protocol):
    """Finds and keeps users; raises DependencyUnavailable when the storage does not answer.

    Where there was an admin there always is one, whoever else changes users at the same moment. A user gets a
    new generation when added and with every change.

    Each change adds its `event` to the audit trail, both or neither; what changes nothing adds no event.
    """

    @abstractmethod
    async def find(self, name: str) -> User | None:
        """The user of this name, if there is one."""

    @abstractmethod
    async def all(self) -> Sequence[User]:
        """Everybody, in no particular order."""

    @abstractmethod
    async def accounts(self) -> Sequence[Account]:
        """Everybody as far as deciding who may act needs it, without password hashes."""

    @abstractmethod
    async def add_if_none(self, user: User, *, event: RecordedEvent) -> bool:
        """Add the first user; says False, and changes nothing, when there already is any user."""

    @abstractmethod
    async def add(self, user: User, *, event: RecordedEvent) -> bool:
        """Add a user; says False, and changes nothing, when the name is taken."""

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
        """Replace a user's password; says False when there is no such user.

        `must_change`: it is good only for choosing another. With `generation`, only while the user has that one.
        """

    @abstractmethod
    async def renew_generation(self, name: str, *, event: RecordedEvent) -> bool:
        """End what was issued to a user; says False when there is no such user."""

    @abstractmethod
    async def change_role(self, name: str, role: Role, *, event: RecordedEvent) -> bool:
        """Replace a user's role and nothing else; says False when there is no such user. Raises LastAdmin."""

    @abstractmethod
    async def remove(self, name: str, *, event: RecordedEvent) -> bool:
        """Remove a user; says False when there is no such user. Raises LastAdmin."""
