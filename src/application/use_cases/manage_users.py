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

    async def __call__(self, name: str, role: Role, password: str, *, must_change: bool = False) -> Actor:
        """The new user; raises NotAUserName and NameTaken.

        `must_change`: the password is good only for choosing another.
        """
        password_hash = self.passwords.hash(password)
        user = User(usable_name(name), role, password_hash, must_change_password=must_change)
        if not await self.users.add(user):
            raise NameTaken(f"there is a user {user.name} already")
        return user.actor


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Gives a user another password, as when the old one is lost."""

    users: Users
    passwords: PasswordHasher

    async def __call__(self, name: str, password: str, *, must_change: bool = False) -> None:
        """Only the new one counts from now on, and tokens and sessions end; raises NoSuchUser.

        `must_change`: it is good only for choosing another.
        """
        password_hash = self.passwords.hash(password)
        if not await self.users.change_password(one_spelling(name), password_hash, must_change=must_change):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Ends all access tokens and web sessions of a user, who can log in again."""

    users: Users

    async def __call__(self, name: str) -> None:
        """End them; raises NoSuchUser."""
        if not await self.users.renew_generation(one_spelling(name)):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Makes a user something else to the lender."""

    users: Users

    async def __call__(self, name: str, role: Role) -> None:
        """They log in again, and have the new role; raises NoSuchUser and LastAdmin."""
        if not await self.users.change_role(one_spelling(name), role):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Lets somebody in no longer. What is on record under the name stays."""

    users: Users

    async def __call__(self, name: str) -> None:
        """Their tokens and sessions end, and nobody logs in under the name; raises NoSuchUser and LastAdmin."""
        if not await self.users.remove(one_spelling(name)):
            raise _nobody(name)


def _nobody(name: str) -> NoSuchUser:
    return NoSuchUser(f"there is no user {name}")
