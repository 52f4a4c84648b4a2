"""Log in with a username and a password, and identify callers by their access tokens."""

import asyncio
from dataclasses import dataclass, field, replace

from application.ports.access.credentials import (
    AccessToken,
    AccessTokens,
    InvalidToken,
    PasswordHasher,
    TokenSubject,
)
from application.ports.access.login_attempts import LoginAttempts, TooManyAttempts
from application.ports.access.user_directory import UserDirectory
from application.ports.access.users import Users
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.login_records import LoginRecords
from domain.access.account import Account
from domain.access.user import Actor, User
from domain.access.user_name import normalized_username

_MAX_CONCURRENT = 2
"""As many as passwords are verified concurrently, so that a waiting login does not count as failed."""


class InvalidCredentials(Exception):
    """The username or the password is wrong; the message does not say which."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Verifies a username and a password, limits failures, and records logins."""

    users: Users
    passwords: PasswordHasher
    attempts: LoginAttempts
    records: LoginRecords | None = None
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MAX_CONCURRENT))

    async def __call__(self, name: str, password: str, *, address: str) -> Account:
        """The account with this username and password; `address` is the network address of the client.

        The user may have to change the password first. Raises InvalidCredentials, TooManyAttempts without
        verifying the password, and LoginNotRecorded: without a record there is no access.
        """
        name = normalized_username(name)
        async with self.slots:
            try:
                await self.attempts.begin(name, address)
            except TooManyAttempts:
                if self.records:
                    self.records.refused(await self._known(name), address)
                raise
            account = await self._verified(name, password, address)
            await self.attempts.succeeded(name, address)
            if self.records:
                previous = await self.records.succeeded(name, address)
                return replace(account, previous_login_at=previous)
        return account

    async def _find(self, name: str) -> User | None:
        # No username is unprintable, and not every database accepts such text.
        return await self.users.find(name) if name.isprintable() else None

    async def _known(self, name: str) -> str | None:
        """The name if a user has it."""
        return name if await self._find(name) else None

    async def _verified(self, name: str, password: str, address: str) -> Account:
        user = await self._find(name)
        password_hash = user.password_hash if user else None
        # Verification is slow on purpose, so it runs on a thread.
        matches = await asyncio.to_thread(self.passwords.verify, password, password_hash)
        if user is None or not matches:
            if self.records:
                self.records.failed(user.name if user else None, address)
            raise InvalidCredentials("the name or the password is wrong")
        return Account.of(user)


@dataclass(frozen=True, slots=True)
class IssueAccessToken:
    """Logs an API caller in."""

    log_in: LogIn
    tokens: AccessTokens

    async def __call__(self, name: str, password: str, *, address: str) -> AccessToken:
        """A token for the user with this username and password.

        Raises InvalidCredentials, TooManyAttempts and PasswordChangeRequired.
        """
        account = await self.log_in(name, password, address=address)
        account.check_may_act()
        return self.tokens.issue(TokenSubject(account.actor.name, account.generation))


class UnknownGeneration(InvalidToken):
    """The token is newer than this process's copy of the account; another process may just have issued it."""


@dataclass(frozen=True, slots=True)
class IdentifyCaller:
    """Identifies the caller by an access token.

    The role is the user's current one, and tokens of earlier generations are rejected.
    """

    tokens: AccessTokens
    directory: UserDirectory

    def __call__(self, token: str) -> Actor:
        """The actor of the token, by the copy of accounts in this process.

        Raises InvalidToken, PasswordChangeRequired, and DependencyUnavailable if there is no copy.
        """
        name, generation = self.tokens.read(token)
        account = self.directory.find(name)
        if account is None or account.generation != generation:
            if account is None or account.generation < generation:
                raise UnknownGeneration("the access token was revoked")
            raise InvalidToken("the access token was revoked")
        if account.must_change_password:
            account.check_may_act()
        return account.actor

    async def current(self, token: str) -> Actor:
        """The same, but refresh the copy of accounts if it is missing or older than the token."""
        try:
            return self(token)
        except (UnknownGeneration, DependencyUnavailable):
            await self.directory.refresh()
            return self(token)


def account_as_of(directory: UserDirectory, name: str, generation: int) -> Account | None:
    """The account with this name, if it still has this generation."""
    account = directory.find(name)
    return account if account is not None and account.generation == generation else None
