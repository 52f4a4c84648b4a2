"""Adverse action reasons: the specific, principal reasons a lender must state (12 CFR 1002.9(b)(2)).

Score reasons are factors that were actually scored, ranked by how much each raises the risk above the reference
profile: the average contributions of applicants just below the approve cut-off (comment 9(b)(2)-5). At most four
are given (comment 9(b)(2)-1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_REASONS = 4


@dataclass(frozen=True, slots=True)
class AdverseActionReason:
    """A stated reason: its code, which does not change between versions, and its text on the notice."""

    code: str
    text: str


def principal_score_reasons(
    contributions: Sequence[float], reference: Sequence[float], reasons: Sequence[AdverseActionReason]
) -> tuple[AdverseActionReason, ...]:
    """The reasons for the characteristics that raise the risk most above the reference profile, largest first.

    `reasons` has one per characteristic. Ties keep the order of the characteristics. A characteristic that does
    not raise the risk is not a reason.
    """
    excess = [contribution - usual for contribution, usual in zip(contributions, reference, strict=True)]
    largest = sorted(range(len(excess)), key=excess.__getitem__, reverse=True)
    return tuple([reasons[index] for index in largest[:MAX_REASONS] if excess[index] > 0])
