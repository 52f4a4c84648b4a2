"""Manage users: who can log in, and as what.

Asked at the machine's command line alone, by whoever has the database at hand anyway: there is nobody to refuse.
Each change is in the audit trail with the account of the machine that made it (`by`: `os:NAME`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.access.credentials import PasswordHasher
from application.ports.access.users import Users
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor, Role, User
from domain.access.user_name import normalized_username, validated_username
from domain.audit.event import EventKind


class NameTaken(Exception):
    """There is a user of this name."""


class UserNotFound(Exception):
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
    new_event: EventFactory

    async def __call__(self, name: str, role: Role, password: str, *, by: str, must_change: bool = False) -> Actor:
        """The new user; raises InvalidUsername and NameTaken.

        `must_change`: the password is good only for choosing another.
        """
        password_hash = self.passwords.hash(password)
        user = User(validated_username(name), role, password_hash, must_change_password=must_change)
        event = self.new_event(EventKind.USER_ADDED, by, {"user": user.name, "role": role.value})
        if not await self.users.add(user, event=event):
            raise NameTaken(f"there is a user {user.name} already")
        return user.actor


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Gives a user another password, as when the old one is lost."""

    users: Users
    passwords: PasswordHasher
    new_event: EventFactory

    async def __call__(self, name: str, password: str, *, by: str, must_change: bool = False) -> None:
        """Only the new one counts from now on, and tokens and sessions end; raises UserNotFound.

        `must_change`: it is good only for choosing another.
        """
        password_hash, name = self.passwords.hash(password), normalized_username(name)
        event = self.new_event(EventKind.PASSWORD_RESET, by, {"user": name})
        if not await self.users.change_password(name, password_hash, event=event, must_change=must_change):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Ends all access tokens and web sessions of a user, who can log in again."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, *, by: str) -> None:
        """End them; raises UserNotFound."""
        name = normalized_username(name)
        event = self.new_event(EventKind.SESSIONS_ENDED, by, {"user": name})
        if not await self.users.renew_generation(name, event=event):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Makes a user something else to the lender."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, role: Role, *, by: str) -> None:
        """They log in again, and have the new role; raises UserNotFound and LastAdmin."""
        name = normalized_username(name)
        event = self.new_event(EventKind.ROLE_CHANGED, by, {"user": name, "role": role.value})
        if not await self.users.change_role(name, role, event=event):
            raise _nobody(name)


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Lets somebody in no longer. What is on record under the name stays."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, *, by: str) -> None:
        """Their tokens and sessions end, and nobody logs in under the name; raises UserNotFound and LastAdmin."""
        name = normalized_username(name)
        event = self.new_event(EventKind.USER_REMOVED, by, {"user": name})
        if not await self.users.remove(name, event=event):
            raise _nobody(name)


def _nobody(name: str) -> UserNotFound:
    return UserNotFound(f"there is no user {name}")
