"""Log in: trade a name and a password for an access token, or for a place in the web interface."""

import asyncio
from dataclasses import dataclass

from application.ports.credentials import AccessToken, AccessTokens, PasswordHasher
from application.ports.users import Users
from domain.access.user import Actor


class WrongCredentials(Exception):
    """The name or the password is wrong; which one is not told."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """Establishes who somebody is."""

    users: Users
    passwords: PasswordHasher

    async def __call__(self, name: str, password: str) -> Actor:
        """The actor whose name and password these are; raises WrongCredentials."""
        user = await self.users.find(name)
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

    async def __call__(self, name: str, password: str) -> AccessToken:
        """A token for the actor whose name and password these are; raises WrongCredentials."""
        return self.tokens.issue(await self.log_in(name, password))


@dataclass(frozen=True, slots=True)
class IdentifyCaller:
    """Reads who is calling from an access token."""

    tokens: AccessTokens

    def __call__(self, token: str) -> Actor:
        """The actor the token speaks for; raises InvalidToken."""
        return self.tokens.read(token)
