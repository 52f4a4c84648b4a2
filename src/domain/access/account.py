"""What the service must know of a user to let them act."""

from typing import Self

from domain.access.user import Actor, User
from domain.value import value


class PasswordChangeRequired(Exception):
    """The user must choose a password of their own before anything else."""


@value
class Account:
    """A user as of now: who they are, and which of their access tokens and sessions are valid.

    `generation` is unique over all users and all time. It is replaced when the password or the role changes and
    when all sessions are ended; what was issued under another generation is no longer valid.
    """

    actor: Actor
    generation: int
    must_change_password: bool = False

    @classmethod
    def of(cls, user: User) -> Self:
        """The account of a user."""
        return cls(user.actor, user.generation, user.must_change_password)

    def check_may_act(self) -> None:
        """Raise PasswordChangeRequired while the user must first choose a password."""
        if self.must_change_password:
            raise PasswordChangeRequired("the password must be changed before anything else can be done")
