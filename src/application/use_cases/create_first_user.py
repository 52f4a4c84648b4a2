"""Create the first user, on a service that has none."""

from dataclasses import dataclass

from application.ports.credentials import PasswordHasher
from application.ports.users import Users
from domain.access.user import Role, User


class PasswordTooShort(ValueError):
    """A password must have at least twelve characters."""


SHORTEST_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class CreateFirstUser:
    """Makes sure somebody can log in."""

    users: Users
    passwords: PasswordHasher

    async def __call__(self, name: str, password: str) -> bool:
        """Create the admin; False when there already is a user, who is left alone."""
        if len(password) < SHORTEST_PASSWORD:
            raise PasswordTooShort(f"a password must have at least {SHORTEST_PASSWORD} characters")
        return await self.users.add_if_none(User(name, Role.ADMIN, self.passwords.hash(password)))
