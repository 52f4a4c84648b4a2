"""Manage users: who can log in, and as what.

Asked at the machine's command line alone, by whoever has the database at hand anyway: there is nobody to refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.credentials import PasswordHasher
from application.ports.users import Users
from domain.access.user import Actor, Role, User
from domain.access.user_name import one_spelling, usable_name


class NameTaken(Exception):
    """There is a user of this name."""


class NoSuchUser(Exception):
    """There is no user of this name."""


@dataclass(frozen=True, slots=True)
class ListUsers:
    """Tells who can log in; of their passwords nothing."""

    users: Users

    async def __call__(self) -> Sequence[Actor]:
        """Everybody by name, small and capital letters alike."""
        everybody = [user.actor for user in await self.users.all()]
        return sorted(everybody, key=lambda actor: (actor.name.casefold(), actor.name))


@dataclass(frozen=True, slots=True)
class AddUser:
    """Lets somebody in."""

    users: Users
    passwords: PasswordHasher

    async def __call__(self, name: str, role: Role, password: str) -> Actor:
        """The new user; raises NotAUserName and NameTaken."""
        user = User(usable_name(name), role, self.passwords.hash(password))
        if not await self.users.add(user):
            raise NameTaken(f"there is a user {user.name} already")
        return user.actor


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Gives a user another password, as when the old one is lost."""

    users: Users
    passwords: PasswordHasher

    async def __call__(self, name: str, password: str) -> None:
        """Only the new one counts from now on; raises NoSuchUser."""
        if not await self.users.change_password(one_spelling(name), self.passwords.hash(password)):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Makes a user something else to the lender."""

    users: Users

    async def __call__(self, name: str, role: Role) -> None:
        """Whoever logs in from now on has the new role; raises NoSuchUser and LastAdmin."""
        if not await self.users.change_role(one_spelling(name), role):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Lets somebody in no longer. What is on record under the name stays."""

    users: Users

    async def __call__(self, name: str) -> None:
        """Nobody logs in under the name from now on; raises NoSuchUser and LastAdmin."""
        if not await self.users.remove(one_spelling(name)):
            raise _nobody(name)


def _nobody(name: str) -> NoSuchUser:
    return NoSuchUser(f"there is no user {name}")
