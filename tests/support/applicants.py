"""An applicant with a link, and the people who work on the applicant's requests, over any store."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.products import MemoryProducts
from adapters.memory.request_rates import MemoryRequestRates
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.link_tokens import HmacLinkTokens
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import Applications
from application.ports.applications.superseding_decisions import SupersedingDecisions
from application.ports.cases.cases import Cases
from application.ports.cases.final_decisions import FinalDecisions
from application.ports.reconsiderations.reconsiderations import Reconsiderations
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.applications.read_applications import FindApplication
from application.use_cases.applications.supersede_decision import RecordSuperseding, SupersedeDecision
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.applicant_links import LinkTerms, MadeLink
from application.use_cases.reconsiderations.ask_for_reconsideration import WantedRequest
from application.use_cases.reconsiderations.reconsideration_use_cases import ReconsiderationUseCases
from domain.access.user import Actor, Role
from domain.cases.lease import LEASE_TERMS
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.notices.drafting import LetterSettings
from domain.notices.letterhead import Contact, Letterhead
from domain.policies.final_outcome import FinalOutcome
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from domain.reconsiderations.reconsideration import Reconsideration, ReconsiderationKind
from support.builders import A_MOMENT, a_loan_application
from support.cases import UMA
from support.databases import Store
from support.desk import _bundles, wanted
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.users import MemoryUsers
from support.memory.versions import MemoryPolicies
from support.other_models import CHAMPION

PORTAL, CORA = Actor("portal", Role.SERVICE), Actor("cora", Role.COMPLIANCE)
PAGE_URL, ADDRESS = "https://loans.example.com", "192.0.2.7"
WEAK: dict[str, Any] = {
    "annual_inc": 20_000,
    "loan_amnt": 12_000,
    "revol_util": 20.0,
    "fico_range_low": 760,
    "fico_range_high": 764,
    "inq_last_6mths": 0,
    "delinq_2yrs": 0,
    "pub_rec": 0,
}
"""An application of a low risk that the policy declines, because the loan is above half a year's income."""
STRONG_INCOME = "200,000"


@dataclass
class ApplicantDesk:
    """The use cases around an applicant's request."""

    store: Store
    applications: Applications
    cases: Cases
    requests: Reconsiderations
    clock: FixedClock
    supersede: SupersedeDecision
    work: CaseUseCases
    lives: ApplicationUseCases
    use_cases: ReconsiderationUseCases

    async def decide(self, *, by: Actor = PORTAL, **values: Any) -> DecisionRecord:
        """The decision on an application with these values; a weak one if none are given."""
        application = a_loan_application(**(values or WEAK))
        return await self.supersede.assess(application, by=by, received_through="api")

    async def link(self, record: DecisionRecord, by: Actor = PORTAL) -> str:
        """The token of a new link."""
        return token_of(await self.use_cases.make_link(record.decision_id, by=by))

    async def ask(
        self,
        token: str,
        kind: ReconsiderationKind = ReconsiderationKind.HUMAN_REVIEW,
        *,
        text: str = "",
        form: str = "form-1",
        **entered: str,
    ) -> Reconsideration:
        """The applicant's request by the link."""
        asked = WantedRequest(kind, entered, text, form)
        return await self.use_cases.ask(token, asked, address=ADDRESS)

    async def correct(self, token: str, **entered: str) -> Reconsideration:
        """The applicant's request for a correction."""
        return await self.ask(token, ReconsiderationKind.CORRECTION, **entered)

    async def claim(self, request: Reconsideration, by: Actor = UMA) -> ReferralCase:
        """The case of the request, claimed by a person."""
        case = await self.cases.find(request.case_id)
        assert case is not None
        return (await self.work.claim(case.case_id, by=by, seen=case.version)).case

    async def resolve(
        self, request: Reconsideration, outcome: FinalOutcome, by: Actor = UMA, **values: Any
    ) -> ReferralCase:
        """The case of the request, resolved by a person."""
        case = await self.claim(request, by)
        return (await self.work.resolve(case.case_id, wanted(outcome, **values), by=by, seen=case.version)).case

    async def present(self, request: Reconsideration) -> Reconsideration:
        """The request as it is stored now."""
        return (await self.requests.file_of(request.application_id)).request(request.reconsideration_id)

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.clock.moment += time


def token_of(made: MadeLink) -> str:
    """The token at the end of a link's address."""
    assert made.address is not None
    return made.address.removeprefix(f"{PAGE_URL}/applicant/")


def applicant_desk(  # noqa: PLR0917 - the stores
    store: Store,
    applications: Applications,
    cases: Any,
    final_decisions: FinalDecisions,
    decisions: SupersedingDecisions,
    requests: Reconsiderations,
) -> ApplicantDesk:
    """A desk over these stores, with the champion, policy 3, and two rate limits of 1,000 requests at once."""
    clock, identifiers = FixedClock(A_MOMENT), TimeOrderedIdentifiers()
    policies = MemoryPolicies()
    policies._policies[POLICY_3.fingerprint] = POLICY_3
    products, in_force = MemoryProducts(PERSONAL_LOAN), MemoryProductInForce(PERSONAL_LOAN)
    find_policy, policy = FindDecidingPolicy(products, policies), MemoryPolicyInForce(POLICY_3)
    models = ArchivedCreditModels(_bundles())
    champion = TableCreditModel(parse_bundle(CHAMPION, "the champion", PERSONAL_LOAN))
    assess = AssessLoanApplication(champion, None, policy, store.ledger, clock, identifiers)
    supersede = SupersedeDecision(assess, RecordSuperseding(applications, decisions, cases, identifiers))
    find_life = FindLife(find_policy)
    work = CaseUseCases.over(
        cases=cases,
        find_rules=FindCaseRules(store.archive, products, models, policies, final_decisions),
        check_application=CheckApplication(applications, find_life, clock),
        users=MemoryUsers(MemoryDecisions()),
        find_policy=find_policy,
        policy=policy,
        clock=clock,
        identifiers=identifiers,
    )
    use_cases = ReconsiderationUseCases.over(
        store=requests,
        tokens=HmacLinkTokens(b"l" * 32),
        terms=LinkTerms(PAGE_URL, timedelta(days=60)),
        rates_of_addresses=MemoryRequestRates(1, 1000),
        rates_of_links=MemoryRequestRates(1, 1000),
        find=FindApplication(applications, find_life, clock),
        changes=CaseChanges(cases, clock, identifiers, LEASE_TERMS),
        find_policy=find_policy,
        product=in_force,
        product_of=ReadProductOf(in_force, products),
        supersede=supersede,
        letters=LetterSettings(Letterhead(Contact("Harbor Lending", (), "(555) 010-0199")), ZoneInfo("UTC")),
    )
    lives = ApplicationUseCases.over(
        applications=applications,
        histories=MemoryApplicantHistories(MemoryDecisions()),
        cases=cases,
        final_decisions=final_decisions,
        deciding_policy=find_policy,
        clock=clock,
        identifiers=identifiers,
    )
    return ApplicantDesk(store, applications, cases, requests, clock, supersede, work, lives, use_cases)
