"""Risk by the amount of the loan, all else as given: it rises by steps, and never falls."""

from bisect import bisect_left
from collections.abc import Sequence

from domain.value import value


@value
class RiskByAmount:
    """Calibrated log-odds of default: `log_odds[n]` up to and with `cuts[n]` dollars, the last beyond them all."""

    cuts: Sequence[float]
    log_odds: Sequence[float]

    def at(self, amount: float) -> float:
        """The log-odds if the loan were for this amount in dollars."""
        return self.log_odds[bisect_left(self.cuts, amount)]
