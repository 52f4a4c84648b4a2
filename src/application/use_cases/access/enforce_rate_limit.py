"""Admit a caller: know who it is, and turn away who asks too often."""

from dataclasses import dataclass

from application.ports.access.request_rates import RequestRates
from application.use_cases.access.log_in import IdentifyCaller
from domain.access.user import Actor


@dataclass(frozen=True, slots=True)
class EnforceRateLimit(IdentifyCaller):
    """Takes the place of IdentifyCaller where requests are limited; where they are not, nothing is counted."""

    rates: RequestRates

    def __call__(self, token: str) -> Actor:
        """The actor the token speaks for; raises TooManyRequests besides what IdentifyCaller does."""
        actor = IdentifyCaller.__call__(self, token)  # super() does not work in a dataclass with slots
        self.rates.admit(actor.name)
        return actor
