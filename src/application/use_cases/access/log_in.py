"""Log in: trade a name and a password for an access token, or for a place in the web interface."""

import asyncio
from dataclasses import dataclass, field

from application.ports.access.credentials import (
    AccessToken,
    AccessTokens,
    InvalidToken,
    PasswordHasher,
    TokenSubject,
)
from application.ports.access.login_attempts import LoginAttempts
from application.ports.access.user_directory import UserDirectory
from application.ports.access.users import Users
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.account import Account
from domain.access.user import Actor
from domain.access.user_name import normalized_username

_AT_ONCE = 2
"""As many as passwords are verified at a time: who waits does not count as failed meanwhile."""


class InvalidCredentials(Exception):
    """The name or the password is wrong; which one is not told."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Establishes who somebody is, for whoever has not failed too often."""

    users: Users
    passwords: PasswordHasher
    attempts: LoginAttempts
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def __call__(self, name: str, password: str, *, address: str) -> Account:
        """The account whose name and password these are, given from an address of the network.

        It may have to change its password first. Raises InvalidCredentials, and TooManyAttempts without looking at
        the password.
        """
        name = normalized_username(name)
        async with self.turns:
            await self.attempts.begin(name, address)
            account = await self._verified(name, password)
            await self.attempts.succeeded(name, address)
        return account

    async def _verified(self, name: str, password: str) -> Account:
        # No user has an unprintable name, and not every database can be asked for one.
        user = await self.users.find(name) if name.isprintable() else None
        password_hash = user.password_hash if user else None
        # Verifying is slow on purpose: on a thread, so that other requests go on meanwhile.
        matches = await asyncio.to_thread(self.passwords.verify, password, password_hash)
        if user is None or not matches:
            raise InvalidCredentials("the name or the password is wrong")
        return Account.of(user)


@dataclass(frozen=True, slots=True)
class IssueAccessToken:
    """Logs a caller of the API in."""

    log_in: LogIn
    tokens: AccessTokens

    async def __call__(self, name: str, password: str, *, address: str) -> AccessToken:
        """A token for whose name and password these are.

        Raises InvalidCredentials, TooManyAttempts and PasswordChangeRequired.
        """
        account = await self.log_in(name, password, address=address)
        account.check_may_act()
        return self.tokens.issue(TokenSubject(account.actor.name, account.generation))


class UnknownGeneration(InvalidToken):
    """The token is newer than what is known of its user here: another process may have issued it a moment ago."""


@dataclass(frozen=True, slots=True)
class IdentifyCaller:
    """Tells who is calling from an access token, as of now.

    The role is the user's own, and tokens of an earlier generation are refused.
    """

    tokens: AccessTokens
    directory: UserDirectory

    def __call__(self, token: str) -> Actor:
        """The actor the token speaks for, by what is known here.

        Raises InvalidToken, PasswordChangeRequired, and DependencyUnavailable while no user is known yet.
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
        """The same, after another look at the users on record where the token is newer than what is known here, or
        where nothing is known.
        """
        try:
            return self(token)
        except (UnknownGeneration, DependencyUnavailable):
            await self.directory.refresh()
            return self(token)


def account_as_of(directory: UserDirectory, name: str, generation: int) -> Account | None:
    """The account of this name, if what was issued under the generation is still valid."""
    account = directory.find(name)
    return account if account is not None and account.generation == generation else None
