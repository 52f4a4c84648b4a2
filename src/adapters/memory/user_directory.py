"""The users on record, kept in the process."""

from application.coalesced import Coalesced
from application.ports.access.user_directory import UserDirectory
from application.ports.access.users import Users
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.account import Account


class MemoryUserDirectory(UserDirectory):
    """A copy of the whole table of users, replaced at once by each refresh."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._accounts: dict[str, Account] | None = None
        self._refresh = Coalesced(self._read)

    def find(self, name: str) -> Account | None:
        """The account of this name."""
        if self._accounts is None:
            raise DependencyUnavailable("the users on record are not known at the moment")
        return self._accounts.get(name)

    async def refresh(self) -> None:
        """Read the users on record."""
        await self._refresh()

    def invalidate(self) -> None:
        """Know nobody."""
        self._accounts = None

    async def _read(self) -> None:
        self._accounts = {account.actor.name: account for account in await self._users.accounts()}
