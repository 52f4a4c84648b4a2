"""Users in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import ColumnElement, Row, delete, false, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.connections import using
from adapters.persistence.tables import users
from application.ports.users import Users
from domain.access.user import Role, User, must_leave_an_admin


class PostgresUsers(Users):
    """Users by name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, name: str) -> User | None:
        """The user of this name."""
        async with using(self._engine) as connection:
            row = (await connection.execute(select(users).where(_called(name)))).one_or_none()
        return None if row is None else _from_row(row)

    async def all(self) -> Sequence[User]:
        """Everybody."""
        async with using(self._engine) as connection:
            return await _everybody(connection)

    async def add_if_none(self, user: User) -> bool:
        """Add the first user; of several starts at once only one does."""
        async with self._alone() as connection:
            if await connection.scalar(select(func.count()).select_from(users)):
                return False
            await connection.execute(insert(users).values(_to_row(user)))
        return True

    async def add(self, user: User) -> bool:
        """Add a user; of several of one name only one is."""
        added = insert(users).values(_to_row(user)).on_conflict_do_nothing()
        async with using(self._engine) as connection:
            return (await connection.execute(added)).rowcount == 1

    async def change_password(self, name: str, password_hash: str) -> bool:
        """Replace a user's password."""
        changed = update(users).where(_called(name)).values(password_hash=password_hash)
        async with using(self._engine) as connection:
            return (await connection.execute(changed)).rowcount == 1

    async def change_role(self, name: str, role: Role) -> bool:
        """Replace a user's role."""
        changed = update(users).where(_called(name)).values(role=role.value)
        async with self._alone() as connection:
            if role is not Role.ADMIN:
                must_leave_an_admin(await _everybody(connection), without=name)
            return (await connection.execute(changed)).rowcount == 1

    async def remove(self, name: str) -> bool:
        """Remove a user."""
        async with self._alone() as connection:
            must_leave_an_admin(await _everybody(connection), without=name)
            return (await connection.execute(delete(users).where(_called(name)))).rowcount == 1

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in which nobody else changes users; they can be found meanwhile."""
        async with using(self._engine) as connection:
            await connection.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
            yield connection


async def _everybody(connection: AsyncConnection) -> Sequence[User]:
    return [_from_row(row) for row in await connection.execute(select(users))]


def _called(name: str) -> ColumnElement[bool]:
    """Has this name; nobody has one that PostgreSQL cannot hold."""
    can_be_held = "\0" not in name and name.encode(errors="ignore").decode() == name
    return users.c.name == name if can_be_held else false()


def _from_row(row: Row[str, str, str]) -> User:
    return User(row.name, Role(row.role), row.password_hash)


def _to_row(user: User) -> dict[str, str]:
    return {"name": user.name, "role": user.role.value, "password_hash": user.password_hash}
