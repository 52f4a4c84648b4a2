"""Who may do what: users, roles and permissions."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from domain.value import value


class Permission(Enum):
    """Something that may be done."""

    ASSESS_APPLICATIONS = "assess loan applications"
    READ_DECISIONS = "read decisions"
    """Decisions and batches that the actor asked for; those of others need READ_ALL_DECISIONS too."""
    READ_ALL_DECISIONS = "read the decisions of others"
    EXPLAIN_DECISIONS = "see what drove a decision or would change it"
    REPRODUCE_DECISIONS = "reproduce decisions"
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


_READ_EVERYTHING = frozenset(
    {
        Permission.READ_DECISIONS,
        Permission.READ_ALL_DECISIONS,
        Permission.EXPLAIN_DECISIONS,
        Permission.REPRODUCE_DECISIONS,
    }
)
_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(),  # manages users with `scoring users`; decides nothing and reads no decisions
    Role.LOAN_OFFICER: _READ_EVERYTHING | {Permission.ASSESS_APPLICATIONS},
    Role.RISK_MANAGER: _READ_EVERYTHING | {Permission.SUBMIT_BATCHES},
    Role.AUDITOR: _READ_EVERYTHING | {Permission.VERIFY_AUDIT_TRAIL},
    Role.SERVICE: frozenset(
        {Permission.ASSESS_APPLICATIONS, Permission.READ_DECISIONS, Permission.SUBMIT_BATCHES}
    ),
}


class PermissionDenied(Exception):
    """The actor's role does not allow this."""


@value
class Actor:
    """Who is acting, as recorded with everything done."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether the role has the permission."""
        return permission in _PERMISSIONS[self.role]

    def must(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the role has the permission."""
        if permission not in _PERMISSIONS[self.role]:
            raise PermissionDenied(f"{self.name} ({self.role.value}) may not {permission.value}")

    def may_see(self, owner: str) -> bool:
        """Whether what the user of this name asked for is visible to the actor, who may read decisions."""
        return owner == self.name or self.may(Permission.READ_ALL_DECISIONS)

    @property
    def visible_owner(self) -> str | None:
        """The only user whose decisions and batches the actor sees: the actor; None where all are visible."""
        return None if self.may(Permission.READ_ALL_DECISIONS) else self.name


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
