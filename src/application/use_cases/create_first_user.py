"""Create the first user, on a service that has none."""

from dataclasses import dataclass

from application.ports.credentials import PasswordHasher
from application.ports.users import Users
from domain.access.password_policy import PasswordPolicy
from domain.access.user import Role, User


@dataclass(frozen=True, slots=True)
class CreateFirstUser:
    """Makes sure somebody can log in."""

    users: Users
    passwords: PasswordHasher
    policy: PasswordPolicy

    async def __call__(self, name: str, password: str, *, must_change: bool = False) -> bool:
        """Create the admin; False when there already is a user, who is left alone.

        `must_change`: the password is good only for choosing another. Raises PasswordNotAllowed.
        """
        self.policy.check(password, name=name)
        password_hash = self.passwords.hash(password)
        return await self.users.add_if_none(
            User(name, Role.ADMIN, password_hash, must_change_password=must_change)
        )
