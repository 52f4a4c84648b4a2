"""What the service must know about a user before the user may act."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from domain.access.user import Actor, User


class PasswordChangeRequired(Exception):
    """The user must choose a new password first."""


@dataclass(frozen=True, slots=True)
class Account:
    """The current state of a user: name, role, and which access tokens and sessions are valid.

    `generation` is unique over all users and all time. It is replaced when the password or the role changes and
    when all sessions are ended. Tokens and sessions of other generations are invalid.
    """

    actor: Actor
    generation: int
    must_change_password: bool = False
    previous_login_at: datetime | None = field(default=None, compare=False)
    """The login before the one that returned this account, if any."""

    @classmethod
    def of(cls, user: User) -> Self:
        """The account of this user."""
        return cls(user.actor, user.generation, user.must_change_password)

    def check_may_act(self) -> None:
        """Raise PasswordChangeRequired if the user must choose a new password first."""
        if self.must_change_password:
            raise PasswordChangeRequired("the password must be changed before anything else can be done")
