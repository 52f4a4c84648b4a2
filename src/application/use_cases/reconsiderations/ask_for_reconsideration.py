"""An applicant asks for a correction of data, or for a review by a person."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from application.ports.cases.cases import CaseChange
from application.ports.reconsiderations.reconsiderations import (
    ReconsiderationChange,
    ReconsiderationConflict,
    Reconsiderations,
)
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.answer_requests import AnswerRequests
from application.use_cases.reconsiderations.applicant_links import ATTEMPTS
from application.use_cases.reconsiderations.applicant_standing import PresentStanding
from application.use_cases.reconsiderations.open_link import OpenLink
from domain.access.user import APPLICANT
from domain.applications.loan_application import FieldValue
from domain.applications.synthetic import is_synthetic
from domain.cases.applicant_request import ApplicantRequestReceived
from domain.cases.referral_case import ReferralCase
from domain.cases.review import ReviewOpened, review_case
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from domain.products.fields import Field
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration, ReconsiderationKind
from domain.reconsiderations.reconsideration_action import Requested
from domain.reconsiderations.reconsideration_errors import NothingToReconsider, ReconsiderationError
from domain.reconsiderations.request_content import InvalidRequest, RequestContent, read_stated

_REVIEW_REASONS = {
    ReconsiderationKind.CORRECTION: "The applicant asks for a correction of the application.",
    ReconsiderationKind.HUMAN_REVIEW: "The applicant asks for a review by a person.",
}


@dataclass(frozen=True, slots=True)
class WantedRequest:
    """What an applicant entered: inputs by the names of fields, and own words.

    `form` is the random number of the form. The same form sent again is the same request.
    """

    kind: ReconsiderationKind
    entered: Mapping[str, str]
    text: str
    form: str


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A value that the applicant corrects, with the present one."""

    field: Field
    present: FieldValue
    stated: FieldValue


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A request that can be sent, as the applicant reviews it before."""

    wanted: WantedRequest
    corrections: tuple[StatedValue, ...]
    synthetic: bool

    @property
    def stated(self) -> dict[str, FieldValue]:
        """The stated values by field."""
        return {each.field.name: each.stated for each in self.corrections}


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Checks what an applicant entered, and records nothing."""

    open_link: OpenLink
    store: Reconsiderations
    product_of: ReadProductOf

    async def __call__(self, token: str, wanted: WantedRequest, *, address: str) -> CheckedRequest:
        """The request to be reviewed.

        Raises LinkNotValid, TooManyRequests, InvalidRequest, ReconsiderationErrors and DecisionUnreadable.
        """
        _, present = await self.open_link(token, address=address)
        file = await self.store.file_of(present.stored.application_id)
        file.require_possible(wanted.kind, present.at(self.open_link.clock.now()))
        return await self.checked(present, wanted)

    async def checked(self, present: PresentStanding, wanted: WantedRequest) -> CheckedRequest:
        """The request with the values that differ from the present ones; raises InvalidRequest."""
        product = await self.product_of(present.record)
        values = product.values_of(present.record.application)
        corrects = wanted.kind is ReconsiderationKind.CORRECTION
        stated = read_stated(wanted.entered, values, product) if corrects else {}
        if corrects and not stated and not wanted.text.strip():
            raise InvalidRequest(
                {"text": "Correct at least one value above, or describe in your own words what is wrong."}
            )
        RequestContent(stated, wanted.text.strip(), "")
        corrections = [
            StatedValue(product.field_by_name[name], values.get(name), value) for name, value in stated.items()
        ]
        return CheckedRequest(wanted, tuple(corrections), is_synthetic(present.record.identity))


@dataclass(frozen=True, slots=True)
class AskForReconsideration:
    """Records a request, and opens the case that is to answer it, or adds it to the one that is open."""

    open_link: OpenLink
    store: Reconsiderations
    check: CheckRequest
    answer: AnswerRequests
    find_policy: FindDecidingPolicy
    changes: CaseChanges

    async def __call__(self, token: str, wanted: WantedRequest, *, address: str) -> Reconsideration:
        """The request; the one that the same form made before, if it did.

        Raises LinkNotValid, TooManyRequests, InvalidRequest, ReconsiderationErrors, ReconsiderationConflict and
        DecisionUnreadable.
        """
        link, present = await self.open_link(token, address=address)
        await self.answer.of(link.application_id)  # of the request before, if people have finished its case
        attempts = ATTEMPTS
        while True:
            try:
                return await self._ask(link, present, wanted)
            except ReconsiderationConflict:
                attempts -= 1
                if not attempts:
                    raise
            except ReconsiderationError:
                made = await self._made(link, wanted)
                if made is None:
                    raise
                return made
            found = await self.open_link.find_standing(link.application_id)
            if found is not None:
                present = found

    async def _made(self, link: ApplicantLink, wanted: WantedRequest) -> Reconsideration | None:
        """The request of this form, if it was made at the same moment, as by a double click."""
        file = await self.store.file_of(link.application_id)
        return file.requests.get(uuid5(link.link_id, wanted.form))

    async def _ask(self, link: ApplicantLink, present: PresentStanding, wanted: WantedRequest) -> Reconsideration:
        file = await self.store.file_of(link.application_id)
        request_id = uuid5(link.link_id, wanted.form)
        if request_id in file.requests:
            return file.requests[request_id]
        now, record = self.changes.clock.now(), present.record
        standing = present.at(now)
        file.require_possible(wanted.kind, standing)
        checked = await self.check.checked(present, wanted)
        content = RequestContent(checked.stated, wanted.text.strip(), secrets.token_hex(16))
        policy = await self.find_policy(record)
        terms = DEFAULT_REVIEW_TERMS if policy is None else policy.review_terms
        due_at = now + timedelta(hours=terms.due_hours)
        fields = tuple(checked.stated)
        received = ApplicantRequestReceived(request_id, wanted.kind, fields, due_at)
        cases = await self._cases(present, received)
        details = Requested(
            reconsideration_id=request_id,
            link_id=link.link_id,
            decision_id=record.decision_id,
            case_id=cases[-1].case.case_id,
            kind=wanted.kind,
            fields=fields,
            before=standing,
            due_at=due_at,
            content_digest=content.digest,
        )
        action = file.ask(details, at=now, action_id=self.changes.identifiers.new())
        after = file.after(action)
        await self.store.append(ReconsiderationChange(action, after, content, cases))
        return after.requests[request_id]

    async def _cases(self, present: PresentStanding, received: ApplicantRequestReceived) -> tuple[CaseChange, ...]:
        """What changes the case that is to answer: the open one of the decision, or a review."""
        case = await self._open_case(present.record.decision_id)
        if case is not None:
            return (self.changes.change(case, received, by=APPLICANT),)
        now, record = self.changes.clock.now(), present.record
        opened = ReviewOpened(record.decision_id, _REVIEW_REASONS[received.request], received.due_at)
        review = review_case(record, self.changes.identifiers.new(), at=now, due_at=received.due_at)
        opening = self.changes.change(review, opened, by=APPLICANT)
        return opening, self.changes.change(opening.case, received, by=APPLICANT)

    async def _open_case(self, decision_id: UUID) -> ReferralCase | None:
        for case in await self.changes.cases.of_decision(decision_id):
            if not case.state.ended:
                if case.request_due_at is not None:
                    raise NothingToReconsider("the open case has answered a request already")
                return case
        return None
