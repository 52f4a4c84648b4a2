"""The user directory in the memory of one process."""

from application.coalesced import Coalesced
from application.ports.access.user_directory import UserDirectory
from application.ports.access.users import Users
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.account import Account


class MemoryUserDirectory(UserDirectory):
    """A copy of all accounts, which each refresh replaces."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._accounts: dict[str, Account] | None = None
        self._refresh = Coalesced(self._read)

    def find(self, name: str) -> Account | None:
        """The account with this username."""
        if self._accounts is None:
            raise DependencyUnavailable("the user accounts are not available at the moment")
        return self._accounts.get(name)

    async def refresh(self) -> None:
        """Read all accounts."""
        await self._refresh()

    def invalidate(self) -> None:
        """Discard the copy."""
        self._accounts = None

    async def _read(self) -> None:
        self._accounts = {account.actor.name: account for account in await self._users.accounts()}
