"""Administer users in the web interface and the API, as a user who may manage users.

The changes are those of the command line (`manage_users.py`). Users cannot change their own role or remove
themselves.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from application.ports.access.credentials import PasswordHasher
from application.ports.access.login_attempts import LoginAttempts
from application.ports.access.user_directory import UserDirectory
from application.ports.access.users import Users
from application.ports.access.web_sessions import WebSessions
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.manage_users import (
    AddUser,
    ChangePassword,
    ChangeRole,
    EndSessions,
    RemoveUser,
    UnlockUser,
    UserNotFound,
)
from application.use_cases.access.web_sessions import EndWebSession, ListWebSessions, SessionNotFound
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor, OwnAccount, Permission, Role, User
from domain.access.user_name import normalized_username
from domain.access.web_session import WebSession


@dataclass(frozen=True, slots=True)
class UserState:
    """What an administrator sees of a user. `locked_until` is None unless logins are refused at the moment."""

    name: str
    role: Role
    generation: int
    must_change_password: bool
    last_login_at: datetime | None
    locked_until: datetime | None
    open_sessions: int


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A generated password, which is stored nowhere and shown once."""

    name: str
    password: str
    must_change: bool


@dataclass(frozen=True, slots=True)
class ReadUsers:
    """Reads the state of all users."""

    users: Users
    attempts: LoginAttempts
    list_sessions: ListWebSessions

    async def __call__(self, *, by: Actor) -> Sequence[UserState]:
        """All users by name, ignoring case; raises PermissionDenied."""
        by.require(Permission.MANAGE_USERS)
        found = await self.states(await self.users.all())
        return sorted(found, key=lambda user: (user.name.casefold(), user.name))

    async def states(self, users: Sequence[User]) -> Sequence[UserState]:
        """The states of these users, in the same order."""
        sessions, locked = await asyncio.gather(
            self.list_sessions(), self.attempts.locked_until([user.name for user in users])
        )
        opened = Counter(session.name for session in sessions)
        return [
            UserState(
                user.name,
                user.role,
                user.generation,
                user.must_change_password,
                user.last_login_at,
                locked.get(user.name),
                opened[user.name],
            )
            for user in users
        ]


@dataclass(frozen=True, slots=True)
class ReadUser:
    """Reads the state of one user."""

    users: Users
    read_users: ReadUsers

    async def __call__(self, name: str, *, by: Actor) -> UserState:
        """The user with this name; raises PermissionDenied and UserNotFound."""
        by.require(Permission.MANAGE_USERS)
        user = await self.users.find(normalized_username(name))
        if user is None:
            raise UserNotFound(f"there is no user {name}")
        (state,) = await self.read_users.states([user])
        return state


@dataclass(frozen=True, slots=True)
class AddUserAsAdmin:
    """Adds a user with a generated password."""

    add: AddUser
    generate_password: Callable[[], str]
    directory: UserDirectory

    async def __call__(self, name: str, role: Role, *, by: Actor, must_change: bool | None = None) -> NewPassword:
        """Add the user; raises PermissionDenied, InvalidUsername and NameTaken.

        Unless `must_change` says otherwise, a person must choose a new password first, and a service need not.
        """
        by.require(Permission.MANAGE_USERS)
        password = self.generate_password()
        must = role is not Role.SERVICE if must_change is None else must_change
        added = await self.add(name, role, password, by=by.name, must_change=must)
        await _apply_here(self.directory)
        return NewPassword(added.name, password, must)


@dataclass(frozen=True, slots=True)
class ChangeRoleAsAdmin:
    """Changes the role of another user."""

    change: ChangeRole
    directory: UserDirectory

    async def __call__(self, name: str, role: Role, *, by: Actor, generation: int | None = None) -> None:
        """Replace the role and end the user's tokens and sessions.

        Raises PermissionDenied, OwnAccount, UserNotFound, UserChanged if the user no longer has the generation,
        and LastAdmin.
        """
        _require_other(name, by)
        await self.change(name, role, by=by.name, generation=generation)
        await _apply_here(self.directory)


@dataclass(frozen=True, slots=True)
class ResetPasswordAsAdmin:
    """Replaces the password of another user by a generated one."""

    users: Users
    change: ChangePassword
    generate_password: Callable[[], str]
    directory: UserDirectory

    async def __call__(self, name: str, *, by: Actor, must_change: bool | None = None) -> NewPassword:
        """Replace the password and end the user's tokens and sessions; `must_change` as for AddUserAsAdmin.

        Raises PermissionDenied, OwnAccount and UserNotFound.
        """
        _require_other(name, by)
        user = await self.users.find(normalized_username(name))
        if user is None:
            raise UserNotFound(f"there is no user {name}")
        password = self.generate_password()
        must = user.role is not Role.SERVICE if must_change is None else must_change
        await self.change(user.name, password, by=by.name, must_change=must)
        await _apply_here(self.directory)
        return NewPassword(user.name, password, must)


@dataclass(frozen=True, slots=True)
class RemoveUserAsAdmin:
    """Removes another user."""

    remove: RemoveUser
    directory: UserDirectory

    async def __call__(self, name: str, *, by: Actor, generation: int | None = None) -> None:
        """Remove the user and end their tokens and sessions.

        Raises PermissionDenied, OwnAccount, UserNotFound, UserChanged and LastAdmin.
        """
        _require_other(name, by)
        await self.remove(name, by=by.name, generation=generation)
        await _apply_here(self.directory)


@dataclass(frozen=True, slots=True)
class EndSessionsAsAdmin:
    """Ends all access tokens and web sessions of a user, such as a calling system whose token was stolen."""

    end: EndSessions
    directory: UserDirectory

    async def __call__(self, name: str, *, by: Actor) -> None:
        """End them; raises PermissionDenied and UserNotFound."""
        by.require(Permission.MANAGE_USERS)
        await self.end(name, by=by.name)
        await _apply_here(self.directory)


@dataclass(frozen=True, slots=True)
class UnlockUserAsAdmin:
    """Lets a user log in again after too many failed attempts."""

    unlock: UnlockUser

    async def __call__(self, name: str, *, by: Actor) -> bool:
        """Return False if no failed attempt counted; raises PermissionDenied and UserNotFound."""
        by.require(Permission.MANAGE_USERS)
        return await self.unlock(name, by=by.name)


@dataclass(frozen=True, slots=True)
class ReadSessions:
    """Reads the open web sessions of a user, newest first."""

    users: Users
    list_sessions: ListWebSessions

    async def __call__(self, name: str, *, by: Actor) -> Sequence[WebSession]:
        """The actor's own, or those of another user; raises PermissionDenied and UserNotFound."""
        _require_own_or_admin(name, by)
        if await self.users.find(normalized_username(name)) is None:
            raise UserNotFound(f"there is no user {name}")
        return [each for each in await self.list_sessions() if each.name == normalized_username(name)]


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends one web session of a user."""

    list_sessions: ListWebSessions
    end: EndWebSession

    async def __call__(self, name: str, session_id: bytes, *, by: Actor) -> None:
        """End the actor's own session, or that of another user; raises PermissionDenied and SessionNotFound."""
        _require_own_or_admin(name, by)
        sessions = await self.list_sessions()
        if not any(each.id == session_id and each.name == normalized_username(name) for each in sessions):
            raise SessionNotFound(f"the user {name} has no open session {session_id.hex()}")
        await self.end(session_id, by=by.name)


@dataclass(frozen=True, slots=True)
class UserAdministration:
    """The use cases of administration."""

    list: ReadUsers
    read: ReadUser
    add: AddUserAsAdmin
    change_role: ChangeRoleAsAdmin
    reset_password: ResetPasswordAsAdmin
    remove: RemoveUserAsAdmin
    end_sessions: EndSessionsAsAdmin
    unlock: UnlockUserAsAdmin
    sessions: ReadSessions
    end_session: EndSession

    @classmethod
    def over(
        cls,
        *,
        users: Users,
        passwords: PasswordHasher,
        attempts: LoginAttempts,
        web_sessions: WebSessions,
        directory: UserDirectory,
        clock: Clock,
        idle: timedelta,
        new_event: EventFactory,
        generate_password: Callable[[], str],
    ) -> Self:
        """The use cases over these ports."""
        list_sessions = ListWebSessions(web_sessions, directory, clock, idle)
        read_users = ReadUsers(users, attempts, list_sessions)
        change_password = ChangePassword(users, passwords, new_event)
        return cls(
            list=read_users,
            read=ReadUser(users, read_users),
            add=AddUserAsAdmin(AddUser(users, passwords, new_event), generate_password, directory),
            change_role=ChangeRoleAsAdmin(ChangeRole(users, new_event), directory),
            reset_password=ResetPasswordAsAdmin(users, change_password, generate_password, directory),
            remove=RemoveUserAsAdmin(RemoveUser(users, new_event), directory),
            end_sessions=EndSessionsAsAdmin(EndSessions(users, new_event), directory),
            unlock=UnlockUserAsAdmin(UnlockUser(users, attempts, new_event)),
            sessions=ReadSessions(users, list_sessions),
            end_session=EndSession(list_sessions, EndWebSession(web_sessions, new_event)),
        )


def _require_other(name: str, by: Actor) -> None:
    by.require(Permission.MANAGE_USERS)
    if normalized_username(name) == by.name:
        raise OwnAccount("another administrator must do this: users cannot change their own account here")


def _require_own_or_admin(name: str, by: Actor) -> None:
    if normalized_username(name) != by.name:
        by.require(Permission.MANAGE_USERS)


async def _apply_here(directory: UserDirectory) -> None:
    """Apply a change in this process at once; others follow with their next refresh."""
    with suppress(DependencyUnavailable):  # the change is made, and the copy is refreshed every second
        await directory.refresh()
