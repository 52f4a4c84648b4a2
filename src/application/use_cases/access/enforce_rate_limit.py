"""Identify a caller and enforce the rate limit."""

from dataclasses import dataclass

from application.ports.access.request_rates import RequestRates
from application.use_cases.access.log_in import IdentifyCaller
from domain.access.user import Actor


@dataclass(frozen=True, slots=True)
class EnforceRateLimit(IdentifyCaller):
    """Replaces IdentifyCaller if requests are limited."""

    rates: RequestRates

    def __call__(self, token: str) -> Actor:
        """The actor of the token; raises TooManyRequests and the errors of IdentifyCaller."""
        actor = IdentifyCaller.__call__(self, token)  # super() does not work in a dataclass with slots
        self.rates.admit(actor.name)
        return actor
