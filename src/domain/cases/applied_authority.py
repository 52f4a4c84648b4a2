"""The authority that a resolution was made under."""

from dataclasses import dataclass
from enum import Enum

from domain.access.user import Role
from domain.applications.money import Money


class SecondPersonRule(Enum):
    """Why a second person must agree."""

    LOW_SIDE_OVERRIDE = "low_side_override"
    REVERSED_DECLINE = "reversed_decline"
    """It lends what the system or an earlier final decision declined."""
    ABOVE_AUTHORITY = "above_authority"


@dataclass(frozen=True, slots=True)
class AppliedAuthority:
    """The authority that a resolution was made under, and why it is not enough alone.

    `rule` is the policy's limit of the maker's role in words, and `limit` its amount; None without authority. A
    decline lends nothing, and so needs none.
    """

    role: Role
    rule: str
    limit: Money | None
    second_person: tuple[SecondPersonRule, ...] = ()

    @property
    def needs_second_person(self) -> bool:
        """Whether a second person must agree."""
        return bool(self.second_person)
