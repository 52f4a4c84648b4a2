"""Users in PostgreSQL."""

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.connections import using
from adapters.persistence.tables import users
from application.ports.users import Users
from domain.access.user import Role, User


class PostgresUsers(Users):
    """Users by name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, name: str) -> User | None:
        """The user of this name."""
        if not _can_be_held(name):
            return None
        async with using(self._engine) as connection:
            row = (await connection.execute(select(users).where(users.c.name == name))).one_or_none()
        return None if row is None else User(row.name, Role(row.role), row.password_hash)

    async def add_if_none(self, user: User) -> bool:
        """Add the first user; of several starts at once only one does."""
        async with using(self._engine) as connection:
            await connection.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
            if await connection.scalar(select(func.count()).select_from(users)):
                return False
            await connection.execute(insert(users).values(_to_row(user)))
        return True

    async def keep(self, user: User) -> None:
        """Add or replace a user."""
        row = _to_row(user)
        async with using(self._engine) as connection:
            await connection.execute(
                insert(users).values(row).on_conflict_do_update(index_elements=[users.c.name], set_=row)
            )


def _can_be_held(name: str) -> bool:
    """Whether PostgreSQL can hold the name; if not, nobody has it."""
    return "\0" not in name and name.encode(errors="ignore").decode() == name


def _to_row(user: User) -> dict[str, str]:
    return {"name": user.name, "role": user.role.value, "password_hash": user.password_hash}
