"""Read what an applicant may know of the own application."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from application.ports.cases.cases import Cases
from application.ports.operations.clock import Clock
from application.ports.reconsiderations.reconsiderations import Reconsiderations
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.answer_requests import FindAnswer
from application.use_cases.reconsiderations.applicant_standing import PresentStanding
from application.use_cases.reconsiderations.open_link import OpenLink
from domain.applications.application_life import Offer
from domain.applications.application_state import ApplicationState
from domain.applications.loan_application import FieldValue
from domain.applications.money import Money
from domain.applications.synthetic import is_synthetic
from domain.cases.information import InformationRequested
from domain.notices.drafting import LetterSettings
from domain.notices.letterhead import Contact
from domain.notices.principal_reasons import INFORMATION_NOT_PROVIDED, principal_reasons
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS, ReviewTerms
from domain.products.fields import Field
from domain.products.product_definition import ProductDefinition
from domain.reconsiderations.reconsideration import Reconsideration, ReconsiderationKind
from domain.reconsiderations.reconsideration_file import MAX_REQUESTS, kinds_for
from domain.reconsiderations.request_content import correctable_fields


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the applicant was asked to send, until a time."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ApplicantPage:
    """What an applicant sees: state and reasons of the valid decision, own data, and own requests.

    `reasons` are those of the notice. `fields` are what the applicant stated and can correct, with their present
    `values`. `kinds` are the requests that are possible now, `requests` those that were made, the last one first.
    `lender` can be asked; times are shown in `zone`.
    """

    product: ProductDefinition
    state: ApplicationState
    received_at: datetime
    requested: Money
    reasons: tuple[str, ...]
    fields: tuple[Field, ...]
    values: Mapping[str, FieldValue]
    offer: Offer | None
    accepted: Money | None
    awaited: Awaited | None
    kinds: frozenset[ReconsiderationKind]
    requests: tuple[Reconsideration, ...]
    valid_until: datetime
    synthetic: bool
    lender: Contact
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class ReadApplicantPage:
    """Reads the application of a link. It names nobody who worked on it, and says nothing of scores."""

    open_link: OpenLink
    store: Reconsiderations
    cases: Cases
    find_answer: FindAnswer
    find_policy: FindDecidingPolicy
    product_of: ReadProductOf
    letters: LetterSettings
    clock: Clock

    async def __call__(self, token: str, *, address: str) -> ApplicantPage:
        """The page. Raises LinkNotValid, TooManyRequests, DecisionUnreadable and ReconsiderationUnreadable."""
        link, present = await self.open_link(token, address=address)
        now, record = self.clock.now(), present.record
        product = await self.product_of(record)
        policy = await self.find_policy(record)
        terms = DEFAULT_REVIEW_TERMS if policy is None else policy.review_terms
        state = present.at(now).state
        requests = await self._requests(present)
        possible = len(requests) < MAX_REQUESTS and not any(each.is_open for each in requests)
        ended = present.life.ended_by
        return ApplicantPage(
            product=product,
            state=state,
            received_at=await self._received_at(present),
            requested=record.application.terms.amount,
            reasons=_reasons(present, state, terms),
            fields=correctable_fields(product),
            values=product.values_of(record.application),
            offer=present.life.offer if state.can_be_accepted else None,
            accepted=getattr(ended.details, "amount", None) if ended else None,
            awaited=await self._awaited(present),
            kinds=kinds_for(state) if possible else frozenset(),
            requests=requests,
            valid_until=link.expires_at,
            synthetic=is_synthetic(record.identity),
            lender=self.letters.head_of(record).creditor,
            zone=self.letters.zone,
        )

    async def _received_at(self, present: PresentStanding) -> datetime:
        """When the application was first decided, which is at once when it arrives."""
        if len(present.stored.decision_ids) == 1:
            return present.record.decided_at
        decisions = await self.open_link.find_standing.applications.decisions(present.stored)
        return min([each.decided_at for each in decisions], default=present.record.decided_at)

    async def _requests(self, present: PresentStanding) -> tuple[Reconsideration, ...]:
        """The requests, the last one first; with the answer that is about to be recorded."""
        file = await self.store.file_of(present.stored.application_id)
        requests = list(file.requests.values())
        if requests and requests[-1].is_open:
            found = await self.find_answer(present, requests[-1])
            if found is not None:
                answer, by = found
                requests[-1] = requests[-1].answered(answer, by=by.name, at=self.clock.now())
        return tuple(reversed(requests))

    async def _awaited(self, present: PresentStanding) -> Awaited | None:
        stored = present.stored.case
        case = None if stored is None or stored.finished else await self.cases.find(stored.case_id)
        if case is None or case.answer_by is None:
            return None
        actions = await self.cases.actions(case.case_id)
        asked = [each.details for each in actions if isinstance(each.details, InformationRequested)]
        return Awaited(asked[-1].text, case.answer_by) if asked else None


def _reasons(present: PresentStanding, state: ApplicationState, terms: ReviewTerms) -> tuple[str, ...]:
    """The reasons against the loan as requested, as the notice states them; none where there are none."""
    record, final = present.record, present.stored.final
    if state is ApplicationState.EXPIRED and present.life.offer is None:
        return (INFORMATION_NOT_PROVIDED.text,)
    against = record.decision.outcome is Outcome.DECLINED if final is None else final.outcome.value in _AGAINST
    if not against or state in {ApplicationState.WITHDRAWN, ApplicationState.ACCEPTED}:
        return ()
    return tuple(reason.text for reason in principal_reasons(record, final, terms))


_AGAINST = {ApplicationState.DECLINED.value, ApplicationState.COUNTER_OFFER.value}
