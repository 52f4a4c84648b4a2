"""What a policy says about an application."""

from domain.arithmetic import Flag, Quantity
from domain.value import value


@value
class PolicyEvaluation:
    """What the policy says about an application, as numbers or as columns.

    `outcome` and `rules_outcome` are severities (0 approved, 1 referred, 2 declined). `rules_met` has one flag per
    rule of the policy's `applied_rules`. `instalment` is in dollars per month.
    """

    pd: Quantity
    points: Quantity
    grade_index: Quantity
    instalment: Quantity
    rules_met: tuple[Flag, ...]
    rules_outcome: Quantity
    outcome: Quantity
