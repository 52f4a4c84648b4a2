"""Change one's own password."""

import asyncio
from dataclasses import dataclass

from application.event_factory import EventFactory
from application.ports.credentials import PasswordHasher
from application.ports.users import Users
from application.use_cases.log_in import LogIn, WrongCredentials
from domain.access.account import Account
from domain.access.password_policy import PasswordNotAllowed, PasswordPolicy
from domain.access.user import User
from domain.audit.event import EventKind


@dataclass(frozen=True, slots=True)
class ChangeOwnPassword:
    """Replaces a password for who knows it, and ends all access tokens and web sessions of the user."""

    log_in: LogIn
    users: Users
    passwords: PasswordHasher
    policy: PasswordPolicy
    new_event: EventFactory

    async def __call__(self, name: str, current: str, new: str, *, address: str) -> Account:
        """The account under its new generation.

        A wrong current password counts as a failed log-in. Raises WrongCredentials, TooManyAttempts and
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
        if user is None:
            raise WrongCredentials("the user was changed at the same moment; log in again")
        return Account.of(user)
