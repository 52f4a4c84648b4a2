"""Users kept in the process."""

from application.ports.users import Users
from domain.access.user import User


class MemoryUsers(Users):
    """Users by name."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}

    async def find(self, name: str) -> User | None:
        """The user of this name."""
        return self._users.get(name)

    async def add_if_none(self, user: User) -> bool:
        """Add the first user."""
        if self._users:
            return False
        self._users[user.name] = user
        return True

    async def keep(self, user: User) -> None:
        """Add or replace a user."""
        self._users[user.name] = user
