"""Authority to decide: up to which amount a role may decide alone, by grade."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.access.user import Role

ANY_GRADE = "*"
"""Stands for every grade for which the role has no limit of its own."""
DECIDING_ROLES = (Role.UNDERWRITER, Role.SENIOR_UNDERWRITER)
"""The roles that can have authority, the lower first."""


@dataclass(frozen=True, slots=True)
class AuthorityLimit:
    """The largest amount in dollars that a role may decide in a grade of the policy, or in ANY_GRADE."""

    role: Role
    grade: str
    up_to: float

    def __str__(self) -> str:
        grade = "any grade" if self.grade == ANY_GRADE else f"grade {self.grade}"
        return f"{self.role.value}, {grade}: up to ${self.up_to:,.0f}"


def limit_of(authority: Sequence[AuthorityLimit], role: Role, grade: str) -> AuthorityLimit | None:
    """The limit of a role for a grade; None if the role may not decide in it at all."""
    by_grade = {limit.grade: limit for limit in authority if limit.role is role}
    return by_grade.get(grade, by_grade.get(ANY_GRADE))


def authority_faults(authority: Sequence[AuthorityLimit]) -> Iterator[str]:
    """What is wrong with these limits, whatever the grades are."""
    roles = " and ".join(role.value for role in DECIDING_ROLES)
    seen: set[tuple[Role, str]] = set()
    for limit in authority:
        if limit.role not in DECIDING_ROLES:
            yield f"authority: {limit.role.value} cannot decide cases; the roles are {roles}"
        if not 0.0 <= limit.up_to <= 1e9:
            yield f"authority: {limit.role.value}, grade {limit.grade}: up_to must be from 0 to 1e9 dollars"
        if (limit.role, limit.grade) in seen:
            yield f"authority: {limit.role.value}, grade {limit.grade} has two limits"
        seen.add((limit.role, limit.grade))
    lower, higher = DECIDING_ROLES
    for grade in dict.fromkeys(limit.grade for limit in authority):
        first, second = limit_of(authority, lower, grade), limit_of(authority, higher, grade)
        if first is not None and (second is None or second.up_to < first.up_to):
            yield (
                f"authority: the limit of the {higher.value} in grade {grade} must not be below that of the "
                f"{lower.value}"
            )
