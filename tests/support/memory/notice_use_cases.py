"""The use cases of notices over stores in memory, with real letters."""

from datetime import UTC
from functools import cache
from uuid import UUID

from adapters.documents.letters import RenderedLetters
from adapters.memory.products import MemoryProducts
from adapters.system import TimeOrderedIdentifiers
from application.ports.models.credit_models import CreditModels
from application.ports.notices.letters import Letters
from application.ports.notices.notices import NoticeFilter, NoticePage
from application.ports.operations.clock import Clock
from application.ports.policies.policies import Policies
from application.use_cases.cases.require_own_view import RequireOwnView
from application.use_cases.notices.make_notice_content import MakeNoticeContent
from application.use_cases.notices.notice_basis import FindNoticeBasis
from application.use_cases.notices.notice_use_cases import NoticeUseCases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.reconsiderations.reconsideration_use_cases import ReconsiderationUseCases
from domain.notices.deadlines import NoticeClock, NoticeTerms
from domain.notices.drafting import LetterSettings
from domain.notices.letterhead import Letterhead
from domain.notices.notice import Notice
from domain.products.personal_loan import PERSONAL_LOAN
from support.letters import LETTERHEAD
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions
from support.memory.notices import MemoryNotices

_MANY = 100_000


class FollowingNotices(MemoryNotices):
    """Follows the trail before it is read, as the service does within seconds."""

    async def page(self, wanted: NoticeFilter, *, limit: int, cursor: str | None = None) -> NoticePage:
        await self.follow(_MANY)
        return await super().page(wanted, limit=limit, cursor=cursor)

    async def find(self, notice_id: UUID) -> Notice | None:
        await self.follow(_MANY)
        return await super().find(notice_id)


@cache
def _letters() -> Letters:
    """One process renders the letters of all tests."""
    return RenderedLetters()


def notices_over(  # noqa: PLR0917 - the stores
    decisions: MemoryDecisions,
    cases: MemoryCases,
    policies: Policies,
    models: CreditModels,
    clock: Clock,
    reconsiderations: ReconsiderationUseCases,
    letterhead: Letterhead = LETTERHEAD,
    letters: Letters | None = None,
) -> NoticeUseCases:
    """The notices that these decisions make due."""
    products = MemoryProducts(PERSONAL_LOAN)
    notice_clock = NoticeClock(NoticeTerms(), UTC)
    return NoticeUseCases.over(
        notices=FollowingNotices(decisions, notice_clock, clock),
        find_basis=FindNoticeBasis(
            decisions, cases, cases, RequireOwnView(cases, FindDecidingPolicy(products, policies))
        ),
        make_content=MakeNoticeContent(products, policies, models, LetterSettings(letterhead, UTC)),
        letters=letters or _letters(),
        make_link=reconsiderations.make_link,
        notice_clock=notice_clock,
        clock=clock,
        identifiers=TimeOrderedIdentifiers(),
    )
