"""Who may do what: users, roles and permissions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Permission(Enum):
    """An action that a role may allow."""

    ASSESS_APPLICATIONS = "assess loan applications"
    READ_DECISIONS = "read decisions"
    """The actor's own decisions and batches; those of other users require READ_ALL_DECISIONS too."""
    READ_ALL_DECISIONS = "read the decisions of others"
    EXPLAIN_DECISIONS = "see what drove a decision or would change it"
    REPRODUCE_DECISIONS = "reproduce decisions"
    SUBMIT_BATCHES = "submit batches"
    VERIFY_AUDIT_TRAIL = "verify the audit trail"
    EXPORT_EVIDENCE = "export evidence"
    """Of the decisions that the actor may read."""
    ACTIVATE_POLICIES = "put policies in force"
    CHANGE_APPLICATIONS = "accept and withdraw loan applications"
    """The actor's own applications; those of other users require READ_ALL_DECISIONS too."""
    WORK_CASES = "work referral cases"
    GIVE_SECOND_APPROVALS = "give second approvals"
    REASSIGN_CASES = "reassign referral cases"
    READ_OVERRIDES = "read the figures of overrides"
    TRY_WHAT_IF = "try changes of an application without a decision"
    ISSUE_NOTICES = "issue notices to applicants"
    ANSWER_RECONSIDERATIONS = "answer the requests of applicants"
    MAKE_APPLICANT_LINKS = "give applicants access to their application"
    """To the actor's own applications; those of other users require READ_ALL_DECISIONS too."""
    RECORD_LOAN_OUTCOMES = "record the outcomes of loans"
    """Of the actor's own applications; those of other users require READ_ALL_DECISIONS too."""
    READ_PERFORMANCE = "read the figures of loan performance"
    MANAGE_WEBHOOKS = "manage own webhook subscriptions"
    MANAGE_USERS = "manage users"

    __hash__ = object.__hash__  # the hash of Enum is a Python function, and every request uses it


class Role(Enum):
    """The role of a user in the lender's organization, or of an applicant, who is no user."""

    ADMIN = "admin"
    LOAN_OFFICER = "loan officer"
    UNDERWRITER = "underwriter"
    SENIOR_UNDERWRITER = "senior underwriter"
    RISK_MANAGER = "risk manager"
    COMPLIANCE = "compliance"
    AUDITOR = "auditor"
    SERVICE = "service"
    APPLICANT = "applicant"
    """Recorded with what an applicant does by a link; no user can have it."""

    __hash__ = object.__hash__  # as above

    @property
    def permissions(self) -> frozenset[Permission]:
        """The actions that the role allows."""
        return _PERMISSIONS[self]


_READ_EVERYTHING = frozenset(
    {
        Permission.READ_DECISIONS,
        Permission.READ_ALL_DECISIONS,
        Permission.EXPLAIN_DECISIONS,
        Permission.REPRODUCE_DECISIONS,
    }
)
_OFFICER = _READ_EVERYTHING | {
    Permission.ASSESS_APPLICATIONS,
    Permission.CHANGE_APPLICATIONS,
    Permission.TRY_WHAT_IF,
    Permission.MAKE_APPLICANT_LINKS,
}
_NOTICES = frozenset({Permission.ISSUE_NOTICES, Permission.ANSWER_RECONSIDERATIONS})
_UNDERWRITER = _OFFICER | _NOTICES | {Permission.WORK_CASES}
_EVIDENCE = frozenset(
    {
        Permission.VERIFY_AUDIT_TRAIL,
        Permission.EXPORT_EVIDENCE,
        Permission.READ_OVERRIDES,
        Permission.READ_PERFORMANCE,
    }
)
_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset({Permission.MANAGE_USERS}),  # neither makes nor reads decisions
    Role.LOAN_OFFICER: _OFFICER,
    Role.UNDERWRITER: _UNDERWRITER,
    Role.SENIOR_UNDERWRITER: _UNDERWRITER
    | {
        Permission.GIVE_SECOND_APPROVALS,
        Permission.REASSIGN_CASES,
        Permission.READ_OVERRIDES,
        Permission.READ_PERFORMANCE,
    },
    Role.RISK_MANAGER: _READ_EVERYTHING
    | {
        Permission.SUBMIT_BATCHES,
        Permission.ACTIVATE_POLICIES,
        Permission.EXPORT_EVIDENCE,
        Permission.READ_OVERRIDES,
        Permission.READ_PERFORMANCE,
        Permission.RECORD_LOAN_OUTCOMES,
        Permission.TRY_WHAT_IF,
    },
    Role.COMPLIANCE: _READ_EVERYTHING | _EVIDENCE | _NOTICES | {Permission.MAKE_APPLICANT_LINKS},
    Role.AUDITOR: _READ_EVERYTHING | _EVIDENCE,
    Role.SERVICE: frozenset(
        {
            Permission.ASSESS_APPLICATIONS,
            Permission.READ_DECISIONS,
            Permission.SUBMIT_BATCHES,
            Permission.CHANGE_APPLICATIONS,
            Permission.MAKE_APPLICANT_LINKS,
            Permission.RECORD_LOAN_OUTCOMES,
            Permission.MANAGE_WEBHOOKS,
        }
    ),
    Role.APPLICANT: frozenset(),
}
ASSIGNABLE_ROLES = tuple(role for role in Role if role is not Role.APPLICANT)
"""The roles that a user can have."""


def require_assignable(role: Role) -> None:
    """Raise ValueError for a role that no user can have."""
    if role not in ASSIGNABLE_ROLES:
        raise ValueError(f"no user can have the role {role.value}")


class PermissionDenied(Exception):
    """The actor's role does not allow this."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A user with a role, as recorded with each action."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether the role has the permission."""
        return permission in _PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the role has the permission."""
        if permission not in _PERMISSIONS[self.role]:
            raise PermissionDenied(f"{self.name} ({self.role.value}) may not {permission.value}")

    def may_see(self, owner: str) -> bool:
        """Whether the actor, who may read decisions, may also read those that `owner` requested."""
        return owner == self.name or self.may(Permission.READ_ALL_DECISIONS)

    @property
    def visible_owner(self) -> str | None:
        """The only user whose decisions and batches the actor may read; None if the actor may read all."""
        return None if self.may(Permission.READ_ALL_DECISIONS) else self.name


APPLICANT = Actor("applicant", Role.APPLICANT)
"""The person who uses the link of an application."""


@dataclass(frozen=True, slots=True)
class User:
    """A person or service that can log in; `password_hash` is an encoded Argon2 hash.

    The storage assigns the `generation`; see `Account`. Raises ValueError for a role that no user can have.
    """

    name: str
    role: Role
    password_hash: str
    generation: int = 0
    must_change_password: bool = False
    last_login_at: datetime | None = None

    def __post_init__(self) -> None:
        require_assignable(self.role)

    @property
    def actor(self) -> Actor:
        """The user as recorded with actions."""
        return Actor(self.name, self.role)


class OwnAccount(Exception):
    """Users cannot change their own role, reset their own password or remove themselves."""


class LastAdmin(Exception):
    """The change would leave no admin."""


def check_admin_remains(users: Iterable[User], *, without: str) -> None:
    """Raise LastAdmin if no user but `without` is an admin."""
    if {user.name for user in users if user.role is Role.ADMIN} == {without}:
        raise LastAdmin(f"{without} is the last admin: make another user an admin first")
