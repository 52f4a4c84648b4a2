"""Manage users and their roles.

There is no permission to check: people at the command line have access to the database anyway, and others come
through `administer_users.py`. Each change is recorded in the audit trail with the user, or with the
operating-system account (`by`: `os:NAME`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.access.credentials import PasswordHasher
from application.ports.access.login_attempts import LoginAttempts
from application.ports.access.users import Users
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor, Role, User, require_assignable
from domain.access.user_name import normalized_username, validated_username
from domain.audit.event import EventKind


class NameTaken(Exception):
    """The username is taken."""


class UserNotFound(Exception):
    """There is no user with this name."""


class UserChanged(Exception):
    """The user was changed since the caller read it."""


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
        name = validated_username(name)
        password_hash = await asyncio.to_thread(self.passwords.hash, password)
        user = User(name, role, password_hash, must_change_password=must_change)
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
        name = normalized_username(name)
        password_hash = await asyncio.to_thread(self.passwords.hash, password)
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

    async def __call__(self, name: str, role: Role, *, by: str, generation: int | None = None) -> None:
        """Replace the role and end the user's tokens and sessions; raises UserNotFound and LastAdmin.

        With `generation`, raises UserChanged if the user has another one.
        """
        require_assignable(role)
        name = normalized_username(name)
        event = self.new_event(EventKind.ROLE_CHANGED, by, {"user": name, "role": role.value})
        if not await self.users.change_role(name, role, event=event, generation=generation):
            raise await _not_found_or_changed(self.users, name)


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Removes a user. Records under the name remain."""

    users: Users
    new_event: EventFactory

    async def __call__(self, name: str, *, by: str, generation: int | None = None) -> None:
        """Remove the user and end their tokens and sessions; raises UserNotFound and LastAdmin.

        With `generation`, raises UserChanged if the user has another one.
        """
        name = normalized_username(name)
        event = self.new_event(EventKind.USER_REMOVED, by, {"user": name})
        if not await self.users.remove(name, event=event, generation=generation):
            raise await _not_found_or_changed(self.users, name)


@dataclass(frozen=True, slots=True)
class UnlockUser:
    """Lets a user log in again after too many failed attempts."""

    users: Users
    attempts: LoginAttempts
    new_event: EventFactory

    async def __call__(self, name: str, *, by: str) -> bool:
        """Stop counting the failed attempts; return False if there are none. Raises UserNotFound."""
        name = normalized_username(name)
        if await self.users.find(name) is None:
            raise _not_found(name)
        return await self.attempts.unlock(name, event=self.new_event(EventKind.USER_UNLOCKED, by, {"user": name}))


async def _not_found_or_changed(users: Users, name: str) -> Exception:
    if await users.find(name) is None:
        return _not_found(name)
    return UserChanged(f"the user {name} was changed by someone else; read the user again")


def _not_found(name: str) -> UserNotFound:
    return UserNotFound(f"there is no user {name}")
