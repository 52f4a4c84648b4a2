"""The links to the applicant's page in letters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.reconsiderations.applicant_links import MadeLink, MakeApplicantLink
from domain.access.user import Actor
from domain.notices.content import ApplicantPage
from domain.notices.deadlines import NoticeClock
from domain.notices.notice import Notice
from domain.reconsiderations.reconsideration_errors import LinkRuleViolation

_EXAMPLE = "/applicant/..."
"""What a preview shows: a link is made when the letter is issued."""


@dataclass(frozen=True, slots=True)
class LetterLinks:
    """Makes links for letters where the applicant's page has a public address."""

    make_link: MakeApplicantLink
    notice_clock: NoticeClock

    def example(self) -> ApplicantPage | None:
        """The page in a preview."""
        make = self.make_link
        if make.terms.page_url is None:
            return None
        return self._page(make.terms.page_url + _EXAMPLE, make.clock.now() + make.terms.lasts)

    async def made(self, notice: Notice, *, by: Actor) -> ApplicantPage | None:
        """The page of the notice's application, the same one again for the same notice and person.

        A link that was revoked or has expired, after an earlier attempt to make the letter failed, is replaced.
        None if the application has as many links as it can have: the applicant has one from an earlier letter.
        """
        if self.make_link.terms.page_url is None:
            return None
        try:
            made = await self._valid_link(notice, by)
        except LinkRuleViolation:
            return None
        return None if made.address is None else self._page(made.address, made.link.expires_at)

    async def _valid_link(self, notice: Notice, by: Actor) -> MadeLink:
        for attempt in count(1):
            key = IdempotencyKey(f"letter-of-notice-{notice.notice_id}" + (f"-{attempt}" if attempt > 1 else ""))
            made = await self.make_link(notice.application_id, by=by, key=key)
            if made.link.valid_at(self.make_link.clock.now()):
                return made
        raise AssertionError("a new link is valid")

    def _page(self, address: str, expires_at: datetime) -> ApplicantPage:
        return ApplicantPage(address, self.notice_clock.day(expires_at) - timedelta(days=1))
