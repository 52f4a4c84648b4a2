"""The prediction of a credit model for one applicant."""

from domain.arithmetic import logistic
from domain.models.probability import PdInterval, ProbabilityOfDefault, Uncertainty
from domain.value import value


@value
class Prediction:
    """A calibrated PD with its interval and the contribution of each characteristic.

    `log_odds` is ln(PD / (1 - PD)). `contributions` are exact Shapley values of the calibrated log-odds, one per
    characteristic in the order of `CHARACTERISTIC_NAMES`. Positive ones raise the risk; with `base` they add up to
    `log_odds`. `out_of_domain` names the characteristics outside the range of the training data. `half_width` is
    half the width of the interval in log-odds; documents before schema 3 do not state it.
    """

    log_odds: float
    pd: ProbabilityOfDefault
    interval: PdInterval
    base: float
    contributions: tuple[float, ...]
    out_of_domain: tuple[str, ...]
    half_width: float | None = None

    @classmethod
    def of(
        cls,
        log_odds: float,
        *,
        base: float,
        contributions: tuple[float, ...],
        uncertainty: Uncertainty,
        out_of_domain: tuple[str, ...],
    ) -> "Prediction":
        """The prediction that follows from calibrated log-odds."""
        half = uncertainty.half_width(log_odds)
        return cls(
            log_odds=log_odds,
            pd=ProbabilityOfDefault(logistic(log_odds)),
            interval=PdInterval(logistic(log_odds - half), logistic(log_odds + half)),
            base=base,
            contributions=contributions,
            out_of_domain=out_of_domain,
            half_width=half,
        )
