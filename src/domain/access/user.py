"""Who may do what: users, roles and permissions."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from domain.value import value


class Permission(Enum):
    """Something that may be done."""

    ASSESS_APPLICATIONS = "assess loan applications"
    READ_DECISIONS = "read decisions"
    SUBMIT_BATCHES = "submit batches"
    VERIFY_AUDIT_TRAIL = "verify the audit trail"

    __hash__ = object.__hash__  # an enumeration's own is a function in Python, and every request asks for it


class Role(Enum):
    """What somebody is to the lender."""

    ADMIN = "admin"
    LOAN_OFFICER = "loan officer"
    RISK_MANAGER = "risk manager"
    AUDITOR = "auditor"
    SERVICE = "service"

    __hash__ = object.__hash__  # as above

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role may do."""
        return _PERMISSIONS[self]


_PERMISSIONS = {
    Role.ADMIN: frozenset(Permission),
    Role.LOAN_OFFICER: frozenset({Permission.ASSESS_APPLICATIONS, Permission.READ_DECISIONS}),
    Role.RISK_MANAGER: frozenset(Permission),
    Role.AUDITOR: frozenset({Permission.READ_DECISIONS, Permission.VERIFY_AUDIT_TRAIL}),
    Role.SERVICE: frozenset(
        {Permission.ASSESS_APPLICATIONS, Permission.READ_DECISIONS, Permission.SUBMIT_BATCHES}
    ),
}


class NotPermitted(Exception):
    """The actor's role does not allow this."""


@value
class Actor:
    """Who is acting, as recorded with everything done."""

    name: str
    role: Role

    def must(self, permission: Permission) -> None:
        """Refuse unless the role has the permission."""
        if permission not in self.role.permissions:
            raise NotPermitted(f"{self.name} ({self.role.value}) may not {permission.value}")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in; `password_hash` is an encoded argon2 hash.

    `generation` is given by the storage: see `domain.access.account`.
    """

    name: str
    role: Role
    password_hash: str
    generation: int = 0
    must_change_password: bool = False

    @property
    def actor(self) -> Actor:
        """The user as an actor."""
        return Actor(self.name, self.role)


class LastAdmin(Exception):
    """Without them there would be no admin any more."""


def must_leave_an_admin(users: Iterable[User], *, without: str) -> None:
    """Refuse unless one of the users stays admin without whoever has this name; raises LastAdmin."""
    if {user.name for user in users if user.role is Role.ADMIN} == {without}:
        raise LastAdmin(f"{without} is the last admin: make somebody else one first")
