"""What people decide on an application that was referred or reviewed."""

from enum import Enum

from domain.policies.outcome import Outcome


class FinalOutcome(Enum):
    """The outcome after people acted. A counter-offer is another loan, which the policy would approve."""

    APPROVED = "approved"
    DECLINED = "declined"
    COUNTER_OFFER = "counter_offer"

    @property
    def lends(self) -> bool:
        """Whether the applicant is offered a loan."""
        return self is not FinalOutcome.DECLINED


_OF_SYSTEM = {Outcome.APPROVED: FinalOutcome.APPROVED, Outcome.DECLINED: FinalOutcome.DECLINED}


def final_outcome(system: Outcome, decided: FinalOutcome | None) -> FinalOutcome | None:
    """A person's outcome if there is one, else the system's; None while a referral waits for a person."""
    return decided or _OF_SYSTEM.get(system)
