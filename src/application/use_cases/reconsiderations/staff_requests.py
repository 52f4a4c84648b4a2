"""What the lender's staff sees of applicants' links and requests, and how a correction is accepted."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.cases.cases import CaseNotFound, Cases
from application.ports.operations.clock import Clock
from application.ports.products.product_in_force import ProductInForce
from application.ports.reconsiderations.reconsiderations import Reconsiderations
from application.use_cases.applications.read_applications import FindApplication, PresentApplication
from application.use_cases.applications.supersede_decision import SupersedeDecision
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.answer_requests import AnswerRequests
from domain.access.user import Actor, Permission
from domain.applications.loan_application import LoanApplication
from domain.applications.superseding import SupersedesReason, Superseding
from domain.cases.case_state import CaseState
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import AnswerReason, Reconsideration
from domain.reconsiderations.reconsideration_errors import (
    AlreadyAnswered,
    ContentErased,
    CorrectionNeedsResolution,
    NotACorrection,
)
from domain.reconsiderations.request_content import RequestContent


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request with what the applicant wrote; `content` is None where that was erased or altered."""

    request: Reconsideration
    content: RequestContent | None


@dataclass(frozen=True, slots=True)
class ApplicantRequests:
    """The links and requests of an application, the last ones first."""

    application_id: UUID
    links: tuple[ApplicantLink, ...]
    requests: tuple[ReceivedRequest, ...]


@dataclass(frozen=True, slots=True)
class ReadApplicantRequests:
    """Reads the links and requests of an application that the actor may see."""

    find: FindApplication
    store: Reconsiderations

    async def __call__(self, application_id: UUID, *, by: Actor) -> ApplicantRequests:
        """Raises ApplicationNotFound, DecisionUnreadable and ReconsiderationUnreadable."""
        first = (await self.find(application_id, by=by)).stored.application_id
        file = await self.store.file_of(first)
        requests = [ReceivedRequest(each, await self.store.content_of(each)) for each in file.requests.values()]
        return ApplicantRequests(first, tuple(file.links.values())[::-1], tuple(requests)[::-1])


@dataclass(frozen=True, slots=True)
class ReadRequestOfCase:
    """Reads the request that a case is to answer."""

    store: Reconsiderations

    async def __call__(self, case_id: UUID, *, by: Actor) -> ReceivedRequest | None:
        """The request, if there is one; raises ReconsiderationUnreadable."""
        by.require(Permission.READ_ALL_DECISIONS)
        request = await self.store.of_case(case_id)
        return None if request is None else ReceivedRequest(request, await self.store.content_of(request))


@dataclass(frozen=True, slots=True)
class AcceptedCorrection:
    """The request after its correction was accepted, and the decision that was made with it."""

    request: Reconsideration
    decision_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class AcceptCorrection:
    """Decides again with what the applicant stated, after a person verified it. The decision is the answer."""

    find: FindApplication
    store: Reconsiderations
    cases: Cases
    product: ProductInForce
    product_of: ReadProductOf
    supersede: SupersedeDecision
    answer: AnswerRequests
    clock: Clock

    async def __call__(
        self, application_id: UUID, reconsideration_id: UUID, *, by: Actor, seen: int, received_through: str
    ) -> AcceptedCorrection:
        """The answered request, or the open one where the new decision is referred to a person again.

        The actor must hold the case, of which `seen` is the version. Raises ApplicationNotFound,
        ReconsiderationNotFound, ReconsiderationErrors, CaseErrors, CaseChanged and what SupersedeDecision raises.
        """
        by.require(Permission.ANSWER_RECONSIDERATIONS)
        present = await self.find(application_id, by=by)
        first = present.stored.application_id
        request = (await self.store.file_of(first)).request(reconsideration_id)
        by.require(Permission.ASSESS_APPLICATIONS)
        if (done := await self._done(request, present)) is not None:
            return done
        await self._check_case(request, by, seen)
        application = await self._corrected(request, present)
        result = await self.supersede(
            AssessmentRequest(
                application,
                by,
                received_through,
                identity=present.record.identity,
                circumstances=_stated_circumstances(present.record),
                supersedes=Superseding(request.decision_id, SupersedesReason.CORRECTION),
            )
        )
        await self.answer.of(first)
        request = (await self.store.file_of(first)).request(reconsideration_id)
        return AcceptedCorrection(request, result.record.decision_id)

    async def _done(self, request: Reconsideration, present: PresentApplication) -> AcceptedCorrection | None:
        """What an earlier, equal call did; raises AlreadyAnswered."""
        record = present.record
        if record.supersedes == request.decision_id and record.supersedes_reason is SupersedesReason.CORRECTION:
            await self.answer.of(request.application_id)  # where an earlier call ended before
            request = (await self.store.file_of(request.application_id)).request(request.reconsideration_id)
            return AcceptedCorrection(request, record.decision_id, replayed=True)
        if request.answer is None:
            return None
        if request.answer.reason is AnswerReason.CORRECTION_ACCEPTED:
            return AcceptedCorrection(request, request.answer.decision_id, replayed=True)
        raise AlreadyAnswered(f"this request is answered: the decision was {request.state.value}")

    async def _check_case(self, request: Reconsideration, by: Actor, seen: int) -> None:
        case, now = await self.cases.find(request.case_id), self.clock.now()
        if case is None:
            raise CaseNotFound(f"there is no case {request.case_id}")
        case.require_unfinished()
        case.require_version(seen, now)
        case.require_lease(by, now)
        case.require_state(CaseState.ASSIGNED, to="accept the applicant's correction")

    async def _corrected(self, request: Reconsideration, present: PresentApplication) -> LoanApplication:
        final = present.stored.final
        if final is not None and final.outcome is FinalOutcome.DECLINED:
            raise CorrectionNeedsResolution(
                f"{final.maker.name} declined this application, and no decision of the system can replace that: "
                "resolve the case, and say in its text what the corrected data change"
            )
        if not request.fields:
            raise NotACorrection("this request states no value that could be accepted: resolve the case")
        content = await self.store.content_of(request)
        if content is None:
            raise ContentErased("what the applicant stated was erased or altered: resolve the case")
        before = (await self.product_of(present.record)).values_of(present.record.application)
        product = self.product()
        values = {**before, **content.stated}
        invalid = [each.label for each in product.fields if not each.allows(values.get(each.name))]
        if invalid:
            raise NotACorrection(
                f"the product in force does not allow what the application has as {', '.join(invalid)}: resolve "
                "the case"
            )
        return product.application_from({name: values.get(name) for name in product.field_by_name})


def _stated_circumstances(record: DecisionRecord) -> Circumstances:
    """What the caller said of the bureau's data; the applicant's history is looked up again."""
    stated = record.circumstances
    return Circumstances(stated.bureau_status, stated.bureau_report_date)
