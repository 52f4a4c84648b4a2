"""How a person's outcome differs from what the system decided."""

from enum import Enum

from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome, final_outcome
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy


class OverrideType(Enum):
    """The type of an override. `AGREED` is none."""

    AGREED = "agreed"
    LOW_SIDE = "low_side"
    """Approves as requested although the PD is at or above the approve cut-off."""
    HIGH_SIDE = "high_side"
    """Declines although the PD is below the approve cut-off."""
    POLICY_EXCEPTION = "policy_exception"
    """Approves as requested although a rule is not met; the score passes."""


def override_type(outcome: FinalOutcome, record: DecisionRecord, policy: ScoringPolicy) -> OverrideType:
    """The type of an outcome by comparison with the decision; `policy` is the decision's own.

    A counter-offer agrees, since the policy would approve it. So does an outcome that the system had too.
    """
    if outcome is FinalOutcome.COUNTER_OFFER or final_outcome(record.decision.outcome, None) is outcome:
        return OverrideType.AGREED
    score_passes = record.prediction.pd.value < policy.approve_below
    if outcome is FinalOutcome.DECLINED:
        return OverrideType.HIGH_SIDE if score_passes else OverrideType.AGREED
    return OverrideType.POLICY_EXCEPTION if score_passes else OverrideType.LOW_SIDE


def recommended_outcome(record: DecisionRecord, policy: ScoringPolicy) -> FinalOutcome:
    """What the system recommends to the underwriter, for comparison with an own view.

    Its own outcome, if it approved; a counter-offer, if an amount passes; else what the score says of a referral.
    """
    decided = final_outcome(record.decision.outcome, None)
    if decided is FinalOutcome.APPROVED:
        return decided
    if record.decision.recommended_amount.cents:
        return FinalOutcome.COUNTER_OFFER
    score_passes = record.prediction.pd.value < policy.approve_below
    referred = record.decision.outcome is Outcome.REFERRED
    return FinalOutcome.APPROVED if referred and score_passes else FinalOutcome.DECLINED
