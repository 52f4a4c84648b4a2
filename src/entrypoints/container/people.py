"""Who can log in, for the command line; passwords are made up here, and given back once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from adapters.persistence.connections import reading_engine
from adapters.persistence.database_dependency import DatabaseDependency
from adapters.persistence.users import PostgresUsers
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from application.ports.security_events import SecurityEventKind
from application.ports.users import Users
from application.use_cases.manage_users import AddUser, ChangePassword, ChangeRole, ListUsers, RemoveUser
from domain.access.user import Actor, Role
from domain.access.user_name import one_spelling
from entrypoints.container.security_events import recorded_command
from entrypoints.settings import Settings


async def list_users(settings: Settings) -> Sequence[Actor]:
    """Everybody by name."""
    async with _users(settings) as users:
        return await ListUsers(users)()


async def is_user(settings: Settings, name: str) -> bool:
    """Whether somebody of this name can log in; raises DependencyUnavailable and NotMigrated."""
    async with _users(settings) as users:
        return await users.find(one_spelling(name)) is not None


@recorded_command(SecurityEventKind.USER_ADDED)
async def add_user(settings: Settings, name: str, role: Role) -> tuple[Actor, str]:
    """The new user and their password; raises NotAUserName and NameTaken."""
    password = generate_password()
    async with _users(settings) as users:
        return await AddUser(users, Argon2PasswordHasher())(name, role, password), password


@recorded_command(SecurityEventKind.USER_PASSWORD_CHANGED)
async def change_password(settings: Settings, name: str) -> str:
    """A user's new password; raises NoSuchUser."""
    password = generate_password()
    async with _users(settings) as users:
        await ChangePassword(users, Argon2PasswordHasher())(name, password)
    return password


@recorded_command(SecurityEventKind.USER_ROLE_CHANGED)
async def change_role(settings: Settings, name: str, role: Role) -> None:
    """Make a user something else; raises NoSuchUser and LastAdmin."""
    async with _users(settings) as users:
        await ChangeRole(users)(name, role)


@recorded_command(SecurityEventKind.USER_REMOVED)
async def remove_user(settings: Settings, name: str) -> None:
    """Let somebody in no longer; raises NoSuchUser and LastAdmin."""
    async with _users(settings) as users:
        await RemoveUser(users)(name)


@asynccontextmanager
async def _users(settings: Settings) -> AsyncIterator[Users]:
    """The users of a database in its newest form; raises DependencyUnavailable and NotMigrated."""
    engine = reading_engine(settings.database_url or "", most_connections=1)
    try:
        await DatabaseDependency(engine).check()
        yield PostgresUsers(engine)
    finally:
        await engine.dispose()
