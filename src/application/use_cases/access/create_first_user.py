"""Create the first user of a service that has none."""

from dataclasses import dataclass

from application.ports.access.credentials import PasswordHasher
from application.ports.access.users import Users
from application.use_cases.audit.event_factory import EventFactory
from domain.access.password_policy import PasswordPolicy
from domain.access.user import Role, User
from domain.audit.event import EventKind


@dataclass(frozen=True, slots=True)
class CreateFirstUser:
    """Creates an admin if there is no user yet."""

    users: Users
    passwords: PasswordHasher
    policy: PasswordPolicy
    new_event: EventFactory

    async def __call__(self, name: str, password: str, *, by: str, must_change: bool = False) -> bool:
        """Create the admin; return False and change nothing if there already is a user.

        With `must_change` the user must choose a new password first. Raises PasswordNotAllowed.
        """
        self.policy.check(password, name=name)
        password_hash = self.passwords.hash(password)
        return await self.users.add_if_none(
            User(name, Role.ADMIN, password_hash, must_change_password=must_change),
            event=self.new_event(EventKind.USER_ADDED, by, {"user": name, "role": Role.ADMIN.value}),
        )
