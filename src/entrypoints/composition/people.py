"""Users and their sessions, for the command line; passwords are made up here, and given back once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.memory.user_directory import MemoryUserDirectory
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.access.credentials import AccessToken, TokenSubject
from application.ports.access.security_events import SecurityEventKind
from application.ports.access.users import Users
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import LogIn
from application.use_cases.access.manage_users import (
    AddUser,
    ChangePassword,
    ChangeRole,
    EndSessions,
    ListUsers,
    RemoveUser,
)
from application.use_cases.access.web_sessions import EndWebSession, ListWebSessions
from application.use_cases.audit.event_factory import EventFactory
from domain.access.password_policy import PasswordPolicy
from domain.access.user import Actor, Role
from domain.access.user_name import normalized_username
from domain.access.web_session import WebSession
from entrypoints.composition.limits import login_limits
from entrypoints.composition.secrets import access_tokens
from entrypoints.composition.security_events import recorded_command
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

_COMMAND_LINE = "command line"
_new_event = EventFactory(SystemClock(), TimeOrderedIdentifiers())


async def list_users(settings: Settings) -> Sequence[Actor]:
    """Everybody by name."""
    async with _users(settings) as users:
        return await ListUsers(users)()


async def is_user(settings: Settings, name: str) -> bool:
    """Whether somebody of this name can log in; raises DependencyUnavailable and NotMigrated."""
    async with _users(settings) as users:
        return await users.find(normalized_username(name)) is not None


@recorded_command(SecurityEventKind.USER_ADDED)
async def add_user(settings: Settings, name: str, role: Role, *, must_change: bool = False) -> tuple[Actor, str]:
    """The new user and their password; raises InvalidUsername and NameTaken."""
    password = generate_password()
    async with _users(settings) as users:
        add = AddUser(users, Argon2PasswordHasher(), _new_event)
        added = await add(name, role, password, by=operating_system_user(), must_change=must_change)
    return added, password


@recorded_command(SecurityEventKind.USER_PASSWORD_CHANGED)
async def change_password(settings: Settings, name: str, *, must_change: bool = False) -> str:
    """A user's new password; raises UserNotFound."""
    password = generate_password()
    async with _users(settings) as users:
        change = ChangePassword(users, Argon2PasswordHasher(), _new_event)
        await change(name, password, by=operating_system_user(), must_change=must_change)
    return password


@recorded_command(SecurityEventKind.USER_PASSWORD_CHANGED)
async def change_own_password(settings: Settings, name: str, current: str, new: str) -> None:
    """Replace a password for who knows it; raises InvalidCredentials and PasswordNotAllowed.

    Attempts are not counted: who has the database at hand need not guess.
    """
    passwords = Argon2PasswordHasher()
    async with _users(settings) as users:
        log_in = LogIn(users, passwords, MemoryLoginAttempts(login_limits(settings), SystemClock()))
        change = ChangeOwnPassword(log_in, users, passwords, PasswordPolicy(CommonPasswords()), _new_event)
        await change(name, current, new, address=_COMMAND_LINE)


@recorded_command(SecurityEventKind.USER_SESSIONS_ENDED)
async def end_sessions(settings: Settings, name: str) -> None:
    """End all access tokens and web sessions of a user; raises UserNotFound."""
    async with _users(settings) as users:
        await EndSessions(users, _new_event)(name, by=operating_system_user())


async def list_web_sessions(settings: Settings) -> Sequence[WebSession]:
    """The valid sessions of the web interface, the latest first."""
    async with _engine(settings) as engine:
        directory = MemoryUserDirectory(PostgresUsers(engine))
        await directory.refresh()
        idle = timedelta(minutes=settings.session_idle_minutes)
        return await ListWebSessions(PostgresWebSessions(engine), directory, SystemClock(), idle)()


@recorded_command(SecurityEventKind.SESSION_ENDED)
async def end_web_session(settings: Settings, session_id: bytes) -> None:
    """End one session of the web interface; raises SessionNotFound."""
    async with _engine(settings) as engine:
        await EndWebSession(PostgresWebSessions(engine), _new_event)(session_id, by=operating_system_user())


async def issue_access_token(settings: Settings, name: str, lifetime: timedelta) -> AccessToken | None:
    """A token for a user, signed with the service's key; None where there is no such user."""
    async with _users(settings) as users:
        user = await users.find(name)
    if user is None:
        return None
    tokens = access_tokens(settings, SystemClock())
    return tokens.issue(TokenSubject(user.name, user.generation), lifetime)


@recorded_command(SecurityEventKind.USER_ROLE_CHANGED)
async def change_role(settings: Settings, name: str, role: Role) -> None:
    """Make a user something else; raises UserNotFound and LastAdmin."""
    async with _users(settings) as users:
        await ChangeRole(users, _new_event)(name, role, by=operating_system_user())


@recorded_command(SecurityEventKind.USER_REMOVED)
async def remove_user(settings: Settings, name: str) -> None:
    """Let somebody in no longer; raises UserNotFound and LastAdmin."""
    async with _users(settings) as users:
        await RemoveUser(users, _new_event)(name, by=operating_system_user())


@asynccontextmanager
async def _users(settings: Settings) -> AsyncIterator[Users]:
    """The users of a database in its newest form; raises DependencyUnavailable and NotMigrated."""
    async with _engine(settings) as engine:
        yield PostgresUsers(engine)


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[Any]:
    engine = database_engine(settings.database_url or "", max_connections=1)
    try:
        await DatabaseDependency(engine).check()
        yield engine
    finally:
        await engine.dispose()
