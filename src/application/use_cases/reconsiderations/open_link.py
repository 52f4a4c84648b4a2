"""Open an applicant's link: one check for every request that comes by it."""

from dataclasses import dataclass

from application.ports.access.request_rates import RequestRates
from application.ports.operations.clock import Clock
from application.ports.reconsiderations.link_tokens import LinkTokens
from application.ports.reconsiderations.reconsiderations import Reconsiderations
from application.use_cases.reconsiderations.applicant_standing import FindStanding, PresentStanding
from domain.access.rate_limit import origin
from domain.reconsiderations.applicant_link import ApplicantLink


class LinkNotValid(Exception):
    """The link opens nothing: it is wrong, has expired, was revoked, or its application was erased."""


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Finds the application of a link, and limits requests by address and by link.

    Every text is verified and looked up, whatever is wrong with it, so that time says nothing about it.
    """

    store: Reconsiderations
    tokens: LinkTokens
    find_standing: FindStanding
    clock: Clock
    rates_of_addresses: RequestRates
    rates_of_links: RequestRates

    async def __call__(self, token: str, *, address: str) -> tuple[ApplicantLink, PresentStanding]:
        """The link and its application. Raises LinkNotValid, TooManyRequests and DecisionUnreadable."""
        self.rates_of_addresses.admit(origin(address))
        read = self.tokens.read(token)
        link = await self.store.find_link(read.link_id)
        valid = read.authentic and link is not None and link.expires_at == read.expires_at
        if not valid or link is None or not link.valid_at(self.clock.now()):
            raise LinkNotValid("this link is not valid")
        self.rates_of_links.admit(str(link.link_id))
        present = await self.find_standing(link.application_id)
        if present is None:
            raise LinkNotValid("this link is not valid")
        return link, present
