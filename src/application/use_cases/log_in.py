"""Log in: trade a name and a password for an access token, or for a place in the web interface."""

import asyncio
from dataclasses import dataclass, field

from application.ports.credentials import AccessToken, AccessTokens, PasswordHasher
from application.ports.log_in_attempts import LogInAttempts
from application.ports.users import Users
from domain.access.user import Actor
from domain.access.user_name import one_spelling

_AT_ONCE = 2
"""As many as passwords are verified at a time: who waits does not count as failed meanwhile."""


class WrongCredentials(Exception):
    """The name or the password is wrong; which one is not told."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Establishes who somebody is, for whoever has not failed too often."""

    users: Users
    passwords: PasswordHasher
    attempts: LogInAttempts
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def __call__(self, name: str, password: str, *, address: str) -> Actor:
        """The actor whose name and password these are, given from an address of the network.

        Raises WrongCredentials, and TooManyAttempts without looking at the password.
        """
        name = one_spelling(name)
        async with self.turns:
            await self.attempts.begin(name, address)
            actor = await self._verified(name, password)
            await self.attempts.succeeded(name, address)
        return actor

    async def _verified(self, name: str, password: str) -> Actor:
        # No user has an unprintable name, and not every database can be asked for one.
        user = await self.users.find(name) if name.isprintable() else None
        password_hash = user.password_hash if user else None
        # Verifying is slow on purpose: on a thread, so that other requests go on meanwhile.
        matches = await asyncio.to_thread(self.passwords.verify, password, password_hash)
        if user is None or not matches:
            raise WrongCredentials("the name or the password is wrong")
        return user.actor


@dataclass(frozen=True, slots=True)
class IssueAccessToken:
    """Logs a caller of the API in."""

    log_in: LogIn
    tokens: AccessTokens

    async def __call__(self, name: str, password: str, *, address: str) -> AccessToken:
        """A token for the actor whose name and password these are; raises WrongCredentials and TooManyAttempts."""
        return self.tokens.issue(await self.log_in(name, password, address=address))


@dataclass(frozen=True, slots=True)
class IdentifyCaller:
    """Reads who is calling from an access token."""

    tokens: AccessTokens

    def __call__(self, token: str) -> Actor:
        """The actor the token speaks for; raises InvalidToken."""
        return self.tokens.read(token)
