"""Links and requests of applicants in memory, and the use cases over them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.products import MemoryProducts
from adapters.memory.request_rates import MemoryRequestRates
from adapters.persistence.reconsiderations.action_documents import (
    decode,
    decode_content,
    encode,
    encode_content,
)
from adapters.security.link_tokens import HmacLinkTokens
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import Applications
from application.ports.cases.cases import CaseConflict
from application.ports.decisions.idempotency import Claim
from application.ports.operations.clock import Clock
from application.ports.policies.policies import Policies
from application.ports.reconsiderations.reconsiderations import (
    ReconsiderationChange,
    ReconsiderationConflict,
    Reconsiderations,
)
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.applications.read_applications import FindApplication
from application.use_cases.applications.supersede_decision import SupersedeDecision
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.applicant_links import LinkTerms
from application.use_cases.reconsiderations.reconsideration_use_cases import ReconsiderationUseCases
from domain.cases.lease import LEASE_TERMS
from domain.cases.review import ReviewOpened
from domain.notices.drafting import LetterSettings
from domain.notices.letterhead import Contact, Letterhead
from domain.products.personal_loan import PERSONAL_LOAN
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration
from domain.reconsiderations.reconsideration_action import ReconsiderationAction
from domain.reconsiderations.reconsideration_file import ReconsiderationFile
from domain.reconsiderations.request_content import RequestContent
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions

PAGE_URL = "https://loans.example.com"


class MemoryReconsiderations(Reconsiderations):
    """Folded from the actions at every call."""

    def __init__(self, decisions: MemoryDecisions, cases: MemoryCases) -> None:
        self._decisions = decisions
        self._cases = cases
        self._actions: dict[UUID, list[ReconsiderationAction]] = {}
        self.contents: dict[UUID, str] = {}

    async def find_link(self, link_id: UUID) -> ApplicantLink | None:
        files = [await self.file_of(application_id) for application_id in self._actions]
        return next((file.links[link_id] for file in files if link_id in file.links), None)

    async def file_of(self, application_id: UUID) -> ReconsiderationFile:
        stored = self._actions.get(application_id, ())
        return ReconsiderationFile.of(application_id, [decode(encode(each), each.action_id) for each in stored])

    async def content_of(self, request: Reconsideration) -> RequestContent | None:
        stored = self.contents.get(request.reconsideration_id)
        content = None if stored is None else decode_content(stored)
        return content if content is not None and content.digest == request.content_digest else None

    async def of_case(self, case_id: UUID) -> Reconsideration | None:
        files = [await self.file_of(application_id) for application_id in self._actions]
        requests = [each for file in files for each in file.requests.values()]
        return next((each for each in requests if each.case_id == case_id), None)

    async def under(self, claim: Claim) -> UUID | None:
        return self._decisions.claimed(claim)

    async def append(self, change: ReconsiderationChange, claim: Claim | None = None) -> UUID:
        action = change.action
        first = None if claim is None else self._decisions.claimed(claim)
        if first is not None:
            return first
        stored = self._actions.setdefault(action.application_id, [])
        if len(stored) != action.number - 1:
            raise ReconsiderationConflict("the application was changed at the same time")
        try:
            for each in change.cases:
                opens = isinstance(each.action.details, ReviewOpened)
                await (self._cases.open_review(each) if opens else self._cases.append(each))
        except CaseConflict as fault:
            raise ReconsiderationConflict("the application was changed at the same time") from fault
        if claim is not None:
            self._decisions.claim(claim, action.action_id)
        stored.append(action)
        if change.content is not None:
            request = [*change.after.requests.values()][-1]
            self.contents[request.reconsideration_id] = encode_content(change.content)
        self._decisions.record_document(
            at=action.at,
            actor=action.actor.name,
            action=action.kind.value,
            subject=action.action_id,
            document=encode(action),
        )
        return action.action_id

    async def answerable(self, *, limit: int) -> Sequence[UUID]:
        found = []
        for application_id in self._actions:
            request = (await self.file_of(application_id)).open_request
            case = None if request is None else await self._cases.find(request.case_id)
            if case is not None and case.state.ended:
                found.append(application_id)
        return found[:limit]


def reconsiderations_over(  # noqa: PLR0917 - the stores
    decisions: MemoryDecisions,
    applications: Applications,
    cases: MemoryCases,
    policies: Policies,
    clock: Clock,
    supersede: SupersedeDecision,
    store: MemoryReconsiderations | None = None,
    *,
    burst: int = 1000,
) -> ReconsiderationUseCases:
    """The use cases over stores in memory; links begin with PAGE_URL."""
    find_policy = FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), policies)
    in_force = MemoryProductInForce(PERSONAL_LOAN)
    return ReconsiderationUseCases.over(
        store=store or MemoryReconsiderations(decisions, cases),
        tokens=HmacLinkTokens(b"l" * 32),
        terms=LinkTerms(PAGE_URL, timedelta(days=60)),
        rates_of_addresses=MemoryRequestRates(1, burst),
        rates_of_links=MemoryRequestRates(1, burst),
        find=FindApplication(applications, FindLife(find_policy), clock),
        changes=CaseChanges(cases, clock, TimeOrderedIdentifiers(), LEASE_TERMS),
        find_policy=find_policy,
        product=in_force,
        product_of=ReadProductOf(in_force, MemoryProducts(PERSONAL_LOAN)),
        supersede=supersede,
        letters=LetterSettings(Letterhead(Contact("Harbor Lending", (), "(555) 010-0199")), ZoneInfo("UTC")),
    )
