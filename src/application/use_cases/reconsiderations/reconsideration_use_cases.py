"""The use cases for links and requests of applicants."""

from dataclasses import dataclass
from typing import Self

from application.ports.access.request_rates import RequestRates
from application.ports.cases.cases import Cases
from application.ports.products.product_in_force import ProductInForce
from application.ports.reconsiderations.link_tokens import LinkTokens
from application.ports.reconsiderations.reconsiderations import Reconsiderations
from application.use_cases.applications.read_applications import FindApplication
from application.use_cases.applications.supersede_decision import SupersedeDecision
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.answer_requests import AnswerRequests, FindAnswer
from application.use_cases.reconsiderations.applicant_links import (
    LinkTerms,
    MakeApplicantLink,
    RevokeApplicantLink,
)
from application.use_cases.reconsiderations.applicant_standing import FindStanding
from application.use_cases.reconsiderations.ask_for_reconsideration import AskForReconsideration, CheckRequest
from application.use_cases.reconsiderations.open_link import OpenLink
from application.use_cases.reconsiderations.read_applicant_page import ReadApplicantPage
from application.use_cases.reconsiderations.staff_requests import (
    AcceptCorrection,
    ReadApplicantRequests,
    ReadRequestOfCase,
)
from domain.notices.drafting import LetterSettings


@dataclass(frozen=True, slots=True)
class ReconsiderationUseCases:
    """The reconsiderations part of `UseCases`: three for applicants, the others for the lender's staff."""

    applicant_page: ReadApplicantPage
    check_request: CheckRequest
    ask: AskForReconsideration
    make_link: MakeApplicantLink
    revoke_link: RevokeApplicantLink
    read: ReadApplicantRequests
    request_of_case: ReadRequestOfCase
    accept_correction: AcceptCorrection
    answer_requests: AnswerRequests

    @classmethod
    def over(
        cls,
        *,
        store: Reconsiderations,
        tokens: LinkTokens,
        terms: LinkTerms,
        rates_of_addresses: RequestRates,
        rates_of_links: RequestRates,
        find: FindApplication,
        changes: CaseChanges,
        find_policy: FindDecidingPolicy,
        product: ProductInForce,
        product_of: ReadProductOf,
        supersede: SupersedeDecision,
        letters: LetterSettings,
    ) -> Self:
        """All use cases over one store."""
        clock, identifiers = changes.clock, changes.identifiers
        cases: Cases = changes.cases
        find_standing, find_answer = FindStanding(find.applications, find.life_of), FindAnswer(cases)
        answer = AnswerRequests(store, find_standing, find_answer, clock, identifiers)
        open_link = OpenLink(store, tokens, find_standing, clock, rates_of_addresses, rates_of_links)
        check = CheckRequest(open_link, store, product_of)
        return cls(
            applicant_page=ReadApplicantPage(
                open_link, store, cases, find_answer, find_policy, product_of, letters, clock
            ),
            check_request=check,
            ask=AskForReconsideration(open_link, store, check, answer, find_policy, changes),
            make_link=MakeApplicantLink(find, store, tokens, terms, clock, identifiers),
            revoke_link=RevokeApplicantLink(find, store, clock, identifiers),
            read=ReadApplicantRequests(find, store),
            request_of_case=ReadRequestOfCase(store),
            accept_correction=AcceptCorrection(find, store, cases, product, product_of, supersede, answer, clock),
            answer_requests=answer,
        )
