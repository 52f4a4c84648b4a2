"""Users in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, Insert, Row, Update, delete, false, func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.audit_events import EventChain, refusing
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.privileges import ACCESS
from adapters.persistence.database.tables import user_generations, users
from adapters.persistence.webhooks.subscriptions import end_subscriptions
from application.ports.access.users import Users
from domain.access.account import Account
from domain.access.user import Actor, Role, User, check_admin_remains
from domain.audit.event import RecordedEvent

_NEW_GENERATION = {"generation": user_generations.next_value()}
_SWITCH_ROLE = text(
    f"SELECT set_config('role', '{ACCESS}', true) WHERE NOT has_table_privilege('users', 'DELETE')"
)
"""Switches to the role that may change users until the transaction ends; owners of the table need not."""


class PostgresUsers(Users):
    """Users by name. Changes are recorded on the chain of `events`, or on a new one."""

    def __init__(self, engine: AsyncEngine, events: EventChain | None = None) -> None:
        self._engine = engine
        self._events = events or EventChain()

    async def find(self, name: str) -> User | None:
        async with transaction(self._engine) as connection:
            row = (await connection.execute(select(users).where(_has_name(name)))).one_or_none()
        return None if row is None else _from_row(row)

    async def all(self) -> Sequence[User]:
        async with transaction(self._engine) as connection:
            return await _all_users(connection)

    async def accounts(self) -> Sequence[Account]:
        query = select(users.c.name, users.c.role, users.c.generation, users.c.must_change_password)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return [Account(Actor(name, Role(role)), generation, must) for name, role, generation, must in rows]

    async def add_if_none(self, user: User, *, event: RecordedEvent) -> bool:
        async with self._administering(exclusively=True) as connection:
            if await connection.scalar(select(func.count()).select_from(users)):
                return False
            return await self._execute(connection, insert(users).values(_to_row(user)), event)

    async def add(self, user: User, *, event: RecordedEvent) -> bool:
        added = insert(users).values(_to_row(user)).on_conflict_do_nothing()
        async with self._administering() as connection:
            return await self._execute(connection, added, event)

    async def change_password(
        self,
        name: str,
        password_hash: str,
        *,
        event: RecordedEvent,
        must_change: bool = False,
        generation: int | None = None,
    ) -> bool:
        new = {"password_hash": password_hash, "must_change_password": must_change}
        found = _has_name(name) & _has_generation(generation)
        changed = update(users).where(found).values(new | _NEW_GENERATION)
        async with transaction(self._engine) as connection:
            return await self._execute(connection, changed, event)

    async def renew_generation(self, name: str, *, event: RecordedEvent) -> bool:
        changed = update(users).where(_has_name(name)).values(_NEW_GENERATION)
        async with transaction(self._engine) as connection:
            return await self._execute(connection, changed, event)

    async def record_login(self, name: str, at: datetime, *, event: RecordedEvent) -> datetime | None:
        found = select(users.c.name, users.c.last_login_at).where(_has_name(name)).with_for_update().cte()
        stored = update(users).where(users.c.name == found.c.name).values(last_login_at=at)
        async with refusing(), transaction(self._engine) as connection:
            row = (await connection.execute(stored.returning(found.c.last_login_at))).one_or_none()
            if row is None:
                return None
            await self._events.append(connection, event)
        previous: datetime | None = row[0]
        return previous

    async def change_role(
        self, name: str, role: Role, *, event: RecordedEvent, generation: int | None = None
    ) -> bool:
        found = _has_name(name) & _has_generation(generation)
        changed = update(users).where(found).values({"role": role.value} | _NEW_GENERATION)
        async with self._administering(exclusively=True) as connection:
            if role is not Role.ADMIN:
                check_admin_remains(await _all_users(connection), without=name)
            done = await self._execute(connection, changed, event)
            if done and role is not Role.SERVICE:
                await end_subscriptions(connection, name)
            return done

    async def remove(self, name: str, *, event: RecordedEvent, generation: int | None = None) -> bool:
        async with self._administering(exclusively=True) as connection:
            check_admin_remains(await _all_users(connection), without=name)
            removed = delete(users).where(_has_name(name) & _has_generation(generation))
            done = await self._execute(connection, removed, event)
            if done:
                await end_subscriptions(connection, name)
            return done

    async def _execute(
        self, connection: AsyncConnection, change: Insert | Update | Delete, event: RecordedEvent
    ) -> bool:
        """Change one user and append the event, unless no row was changed."""
        changed = (await connection.execute(change)).rowcount == 1
        if changed:
            await self._events.append(connection, event)
        return changed

    @asynccontextmanager
    async def _administering(self, *, exclusively: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that may change all of a user; `exclusively` excludes other changes, but not reading."""
        async with transaction(self._engine) as connection:
            await connection.execute(_SWITCH_ROLE)
            if exclusively:
                await connection.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
            yield connection


async def _all_users(connection: AsyncConnection) -> Sequence[User]:
    return [_from_row(row) for row in await connection.execute(select(users))]


def _has_name(name: str) -> ColumnElement[bool]:
    """Whether a user has this name; false for a name that PostgreSQL cannot store."""
    storable = "\0" not in name and name.encode(errors="ignore").decode() == name
    return users.c.name == name if storable else false()


def _has_generation(generation: int | None) -> ColumnElement[bool]:
    """Whether a user has this generation; true for None."""
    return true() if generation is None else users.c.generation == generation


def _from_row(row: Row[str, str, str, int, bool, datetime | None]) -> User:
    return User(
        row.name, Role(row.role), row.password_hash, row.generation, row.must_change_password, row.last_login_at
    )


def _to_row(user: User) -> dict[str, str | bool]:
    """All columns except the generation, which the database assigns."""
    return {
        "name": user.name,
        "role": user.role.value,
        "password_hash": user.password_hash,
        "must_change_password": user.must_change_password,
    }
