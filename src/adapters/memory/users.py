"""Users kept in the process."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from application.ports.users import Users
from domain.access.account import Account
from domain.access.user import Role, User, must_leave_an_admin


class MemoryUsers(Users):
    """Users by name."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._generations = count(1)

    async def find(self, name: str) -> User | None:
        """The user of this name."""
        return self._users.get(name)

    async def all(self) -> Sequence[User]:
        """Everybody."""
        return list(self._users.values())

    async def accounts(self) -> Sequence[Account]:
        """Everybody, without password hashes."""
        return [Account.of(user) for user in self._users.values()]

    async def add_if_none(self, user: User) -> bool:
        """Add the first user."""
        return not self._users and await self.add(user)

    async def add(self, user: User) -> bool:
        """Add a user."""
        if user.name in self._users:
            return False
        self._users[user.name] = user
        return self._change(user.name)

    async def change_password(
        self, name: str, password_hash: str, *, must_change: bool = False, generation: int | None = None
    ) -> bool:
        """Replace a user's password."""
        if generation is not None and (name not in self._users or self._users[name].generation != generation):
            return False
        return self._change(name, password_hash=password_hash, must_change_password=must_change)

    async def renew_generation(self, name: str) -> bool:
        """End what was issued to a user."""
        return self._change(name)

    async def change_role(self, name: str, role: Role) -> bool:
        """Replace a user's role."""
        if role is not Role.ADMIN:
            must_leave_an_admin(self._users.values(), without=name)
        return self._change(name, role=role)

    async def remove(self, name: str) -> bool:
        """Remove a user."""
        must_leave_an_admin(self._users.values(), without=name)
        return self._users.pop(name, None) is not None

    def _change(self, name: str, **changed: Any) -> bool:
        if name not in self._users:
            return False
        self._users[name] = replace(self._users[name], generation=next(self._generations), **changed)
        return True
