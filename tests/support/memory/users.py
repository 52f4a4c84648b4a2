"""Users in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from application.ports.access.users import Users
from application.ports.audit.audit_events import AuditEvents
from domain.access.account import Account
from domain.access.user import Role, User, check_admin_remains
from domain.audit.event import RecordedEvent


class MemoryUsers(Users):
    """Users by name; changes are recorded in the audit trail of `events`."""

    def __init__(self, events: AuditEvents) -> None:
        self._events = events
        self._users: dict[str, User] = {}
        self._generations = count(1)

    async def find(self, name: str) -> User | None:
        return self._users.get(name)

    async def all(self) -> Sequence[User]:
        return list(self._users.values())

    async def accounts(self) -> Sequence[Account]:
        return [Account.of(user) for user in self._users.values()]

    async def add_if_none(self, user: User, *, event: RecordedEvent) -> bool:
        return not self._users and await self.add(user, event=event)

    async def add(self, user: User, *, event: RecordedEvent) -> bool:
        if user.name in self._users:
            return False
        await self._events.record_event(event)
        self._users[user.name] = replace(user, generation=next(self._generations))
        return True

    async def change_password(
        self,
        name: str,
        password_hash: str,
        *,
        event: RecordedEvent,
        must_change: bool = False,
        generation: int | None = None,
    ) -> bool:
        if generation is not None and (name not in self._users or self._users[name].generation != generation):
            return False
        return await self._change(name, event, password_hash=password_hash, must_change_password=must_change)

    async def renew_generation(self, name: str, *, event: RecordedEvent) -> bool:
        return await self._change(name, event)

    async def record_login(self, name: str, at: datetime, *, event: RecordedEvent) -> datetime | None:
        if name not in self._users:
            return None
        await self._events.record_event(event)
        previous = self._users[name].last_login_at
        self._users[name] = replace(self._users[name], last_login_at=at)
        return previous

    async def change_role(
        self, name: str, role: Role, *, event: RecordedEvent, generation: int | None = None
    ) -> bool:
        if role is not Role.ADMIN:
            check_admin_remains(self._users.values(), without=name)
        return self._has(name, generation) and await self._change(name, event, role=role)

    async def remove(self, name: str, *, event: RecordedEvent, generation: int | None = None) -> bool:
        check_admin_remains(self._users.values(), without=name)
        if not self._has(name, generation):
            return False
        await self._events.record_event(event)
        del self._users[name]
        return True

    def _has(self, name: str, generation: int | None) -> bool:
        return name in self._users and generation in {None, self._users[name].generation}

    async def _change(self, name: str, event: RecordedEvent, **changed: Any) -> bool:
        if name not in self._users:
            return False
        await self._events.record_event(event)
        self._users[name] = replace(self._users[name], generation=next(self._generations), **changed)
        return True
