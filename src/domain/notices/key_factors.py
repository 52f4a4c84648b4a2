"""The key factors of a score: what made it lower than that of applicants who are just approved."""

from collections.abc import Sequence

from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.notices.completeness import INQUIRIES
from domain.policies.reasons import MAX_REASONS, AdverseActionReason
from domain.policies.scoring_policy import ScoringPolicy


def key_factors(
    record: DecisionRecord, policy: ScoringPolicy, inputs: Characteristics, reference: Sequence[float]
) -> tuple[AdverseActionReason, ...]:
    """The four characteristics that lowered the score most, largest first.

    The number of inquiries follows as a fifth if it lowered the score too (15 U.S.C. 1681g(f)(9)). `reference` is
    the model's reference profile for the policy's cut-off, to which reasons of the score are compared too.
    """
    contributions = record.prediction.contributions
    lowered = policy.score_reasons.principal(inputs, contributions, reference, alone=True, most=len(contributions))
    factors = tuple(dict.fromkeys(lowered))
    inquiries = tuple(factor for factor in factors[MAX_REASONS:] if factor.code == INQUIRIES)
    return factors[:MAX_REASONS] + inquiries
