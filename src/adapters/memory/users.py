"""Users kept in the process."""

from collections.abc import Sequence
from dataclasses import replace

from application.ports.users import Users
from domain.access.user import Role, User, must_leave_an_admin


class MemoryUsers(Users):
    """Users by name."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}

    async def find(self, name: str) -> User | None:
        """The user of this name."""
        return self._users.get(name)

    async def all(self) -> Sequence[User]:
        """Everybody."""
        return list(self._users.values())

    async def add_if_none(self, user: User) -> bool:
        """Add the first user."""
        if self._users:
            return False
        self._users[user.name] = user
        return True

    async def add(self, user: User) -> bool:
        """Add a user."""
        if user.name in self._users:
            return False
        self._users[user.name] = user
        return True

    async def change_password(self, name: str, password_hash: str) -> bool:
        """Replace a user's password."""
        if name not in self._users:
            return False
        self._users[name] = replace(self._users[name], password_hash=password_hash)
        return True

    async def change_role(self, name: str, role: Role) -> bool:
        """Replace a user's role."""
        if role is not Role.ADMIN:
            must_leave_an_admin(self._users.values(), without=name)
        if name not in self._users:
            return False
        self._users[name] = replace(self._users[name], role=role)
        return True

    async def remove(self, name: str) -> bool:
        """Remove a user."""
        must_leave_an_admin(self._users.values(), without=name)
        return self._users.pop(name, None) is not None
