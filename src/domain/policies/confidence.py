"""How certain an outcome is: the probability that it would be the same under a refitted model.

The log-odds of refitted models are taken as normal around those of the model, with the standard deviation that the
interval of the PD implies. What a refit could change besides the outcome by score, such as the grade and through
its rate a rule on the instalment, is left out.
"""

from domain.arithmetic import Flag, Quantity, normal_distribution
from domain.policies.outcome import Outcome

HIGH_FROM, MEDIUM_FROM = 0.95, 0.75
"""The outcome stabilities from which confidence is high and medium; below it is low."""

_DEVIATIONS = 1.645
"""Half the width of the 90 % interval of a normal distribution, in standard deviations."""
_SMALLEST_HALF_WIDTH = 1e-9
_APPROVED, _REFERRED, _DECLINED = (outcome.severity for outcome in Outcome)


def outcome_stability(
    log_odds: Quantity,
    half_width: Quantity,
    *,
    outcome: Quantity,
    rules_outcome: Quantity,
    approve_below: float,
    decline_from: float,
) -> Quantity:
    """The probability of the same outcome, rules included, for one applicant or for columns.

    Outcomes are severities, the cut-offs are log-odds. A rule that is not met holds under any model: where it
    declines, the outcome is certain; where it refers, a refit could only decline.
    """
    half_width = half_width + (half_width < _SMALLEST_HALF_WIDTH) * (_SMALLEST_HALF_WIDTH - half_width)
    deviation = half_width / _DEVIATIONS
    if type(log_odds) is float:
        if outcome == _APPROVED:
            return normal_distribution((approve_below - log_odds) / deviation)
        if rules_outcome == _DECLINED:
            return 1.0
        not_declined = normal_distribution((decline_from - log_odds) / deviation)
        if outcome == _DECLINED:
            return 1.0 - not_declined
        if rules_outcome == _REFERRED:
            return not_declined
        return not_declined - normal_distribution((approve_below - log_odds) / deviation)
    approved = normal_distribution((approve_below - log_odds) / deviation)
    not_declined = normal_distribution((decline_from - log_odds) / deviation)
    return (
        (outcome == _APPROVED) * approved
        + (outcome == _REFERRED) * (not_declined - (rules_outcome < _REFERRED) * approved)
        + (outcome == _DECLINED) * (1.0 - (rules_outcome < _DECLINED) * not_declined)
    )


def confidence_by_stability(stability: Quantity, inside_population: Flag) -> Quantity:
    """The confidence: 2 high, 1 medium, 0 low. At most medium outside the training population."""
    confidence = 1 * (stability >= MEDIUM_FROM) + 1 * (stability >= HIGH_FROM)
    return confidence - (confidence > 1) * (1 - 1 * inside_population)


def confidence_by_interval(
    pd_low: Quantity, pd_high: Quantity, inside_population: Flag, approve_below: float, decline_from: float
) -> Quantity:
    """The confidence in the outcome by score under policies before schema 3: 2 high, 1 medium, 0 low.

    High if the whole interval of the PD is on one side of both cut-offs, medium if it is within the referral band,
    low if it crosses a cut-off or the applicant is outside the training population. The cut-offs are PDs.
    """
    approve = 2 * (pd_high < approve_below)
    decline = 2 * (pd_low >= decline_from)
    refer = 1 * ((pd_low >= approve_below) & (pd_high < decline_from))
    return (approve + decline + refer) * inside_population
