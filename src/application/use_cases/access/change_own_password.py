"""Change the actor's own password."""

import asyncio
from dataclasses import dataclass

from application.ports.access.credentials import PasswordHasher
from application.ports.access.users import Users
from application.use_cases.access.log_in import InvalidCredentials, LogIn
from application.use_cases.audit.event_factory import EventFactory
from domain.access.account import Account
from domain.access.password_policy import PasswordNotAllowed, PasswordPolicy
from domain.access.user import User
from domain.audit.event import EventKind


@dataclass(frozen=True, slots=True)
class ChangeOwnPassword:
    """Replaces the password of a user who knows it, and ends all their access tokens and web sessions."""

    log_in: LogIn
    users: Users
    passwords: PasswordHasher
    policy: PasswordPolicy
    new_event: EventFactory

    async def __call__(self, name: str, current: str, new: str, *, address: str) -> Account:
        """Replace the password and return the account with its new generation.

        A wrong current password counts as a failed login. Raises InvalidCredentials, TooManyAttempts and
        PasswordNotAllowed.
        """
        account = await self.log_in(name, current, address=address)
        self.policy.check(new, name=account.actor.name)
        if new == current:
            raise PasswordNotAllowed("the new password must differ from the current one")
        password_hash = await asyncio.to_thread(self.passwords.hash, new)
        name = account.actor.name
        event = self.new_event(EventKind.PASSWORD_CHANGED, name, {"user": name})
        changed = await self.users.change_password(name, password_hash, event=event, generation=account.generation)
        user: User | None = await self.users.find(name) if changed else None
        if user is None or user.password_hash != password_hash:  # an administrator has changed it since
            raise InvalidCredentials("the user was changed at the same moment; log in again")
        return Account.of(user)
