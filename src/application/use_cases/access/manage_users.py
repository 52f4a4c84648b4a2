"""Manage users and their roles.

Available at the command line only, to people who have access to the database anyway, so there is no permission to
check. Each change is recorded in the audit trail with the operating-system account (`by`: `os:NAME`).
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
    """The username is taken."""


class UserNotFound(Exception):
    """There is no user with this name."""


@dataclass(frozen=True, slots=True)
class ListUsers:
    """Lists all users."""

    users: Users

    async def __call__(self) -> Sequence[Actor]:
        """All users by name, ignoring case."""
        actors = [user.actor for user in await self.users.all()]
        return sorted(actors, key=lambda actor: (actor.name.casefold(), actor.name))


@dataclass(frozen=True, slots=True)
class AddUser:
    """Adds a user."""

    users: Users
    passwords: PasswordHasher
    new_event: EventFactory

    async def __call__(self, name: str, role: Role, password: str, *, by: str, must_change: bool = False) -> Actor:
        """Add a user; raises InvalidUsername and NameTaken.

        With `must_change` the user must choose a new password first.
        """
        password_hash = self.passwords.hash(password)
        user = User(validated_username(name), role, password_hash, must_change_password=must_change)
        event = self.new_event(EventKind.USER_ADDED, by, {"user": user.name, "role": role.value})
        if not await self.users.add(user, event=event):
            raise NameTaken(f"there is a user {user.name} already")
        return user.actor


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Replaces a user's password, for example if it is lost."""

    users: Users
    passwords: PasswordHasher
    new_event: EventFactory

    async def __call__(self, name: str, password: str, *, by: str, must_change: bool = False) -> None:
        """Replace the password and end the user's tokens and sessions; raises UserNotFound.

        With `must_change` the user must choose a new password first.
        """
        password_hash, name = self.passwords.hash(password), normalized_username(name)
        event = self.new_event(EventKind.PASSWORD_RESET, by, {"user": name})
        if not await self.users.change_password(name, password_hash, event=event, must_change=must_change):
            raise _not_found(name)


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Ends all access tokens and web sessions of a user."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, *, by: str) -> None:
        """End them; raises UserNotFound."""
        name = normalized_username(name)
        event = self.new_event(EventKind.SESSIONS_ENDED, by, {"user": name})
        if not await self.users.renew_generation(name, event=event):
            raise _not_found(name)


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Changes a user's role."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, role: Role, *, by: str) -> None:
        """Replace the role and end the user's tokens and sessions; raises UserNotFound and LastAdmin."""
        name = normalized_username(name)
        event = self.new_event(EventKind.ROLE_CHANGED, by, {"user": name, "role": role.value})
        if not await self.users.change_role(name, role, event=event):
            raise _not_found(name)


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Removes a user. Records under the name remain."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, *, by: str) -> None:
        """Remove the user and end their tokens and sessions; raises UserNotFound and LastAdmin."""
        name = normalized_username(name)
        event = self.new_event(EventKind.USER_REMOVED, by, {"user": name})
        if not await self.users.remove(name, event=event):
            raise _not_found(name)


def _not_found(name: str) -> UserNotFound:
    return UserNotFound(f"there is no user {name}")
