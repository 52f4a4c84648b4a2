"""Access tokens for actors who are not users, for tests of other things."""

from datetime import timedelta

from adapters.security.access_tokens import JwtAccessTokens
from application.ports.access.credentials import AccessToken, TokenSubject
from application.ports.access.user_directory import UserDirectory
from application.ports.operations.clock import Clock
from domain.access.account import Account
from domain.access.user import Actor
from support.memory.users import MemoryUsers


class AnyoneDirectory(UserDirectory):
    """The users of a store without delay, and actors who got a token without being users."""

    def __init__(self, users: MemoryUsers) -> None:
        self._users = users
        self.others: dict[str, Account] = {}

    def find(self, name: str) -> Account | None:
        user = self._users._users.get(name)
        return self.others.get(name) if user is None else Account.of(user)

    async def refresh(self) -> None:
        """There is nothing that is not known."""

    def invalidate(self) -> None:
        self.others.clear()


class TokensForAnyone(JwtAccessTokens):
    """Issues tokens to subjects and to actors; the role of a name is that of its last token."""

    def __init__(self, key: bytes, clock: Clock, users: MemoryUsers) -> None:
        super().__init__(key, clock)
        self.directory = AnyoneDirectory(users)

    def issue(self, subject: TokenSubject | Actor, lifetime: timedelta | None = None) -> AccessToken:
        if isinstance(subject, Actor):
            account = self.directory.find(subject.name)
            if account is None or account.actor != subject:
                account = self.directory.others[subject.name] = Account(subject, 0)
            subject = TokenSubject(subject.name, account.generation)
        return super().issue(subject, lifetime)
