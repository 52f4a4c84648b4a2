"""The states of a referral case."""

from enum import Enum


class CaseState(Enum):
    """Where a referral case is on its way from the referred decision to its end."""

    OPEN = "open"
    ASSIGNED = "assigned"
    AWAITING_APPLICANT = "awaiting_applicant"
    """The applicant was asked for information. The due time does not run."""
    AWAITING_SECOND_APPROVAL = "awaiting_second_approval"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """The applicant did not answer in time."""

    @property
    def ended(self) -> bool:
        """Whether the case is finished. It never leaves such a state."""
        return self in ENDED

    @property
    def words(self) -> str:
        """The state as part of a sentence."""
        return self.value.replace("_second", "_a_second").replace("_applicant", "_the_applicant").replace("_", " ")


ENDED = frozenset({CaseState.RESOLVED, CaseState.WITHDRAWN, CaseState.EXPIRED})
UNFINISHED = frozenset(CaseState) - ENDED
