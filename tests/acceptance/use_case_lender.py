"""Runs the features through the use cases."""

import asyncio
import csv
import io
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from acceptance.answers import (
    Answer,
    CaseAnswer,
    CaseDecisions,
    CounterfactualAnswer,
    FinalAnswer,
    ImportAnswer,
    LetterAnswer,
    LoanAnswer,
    NoticeAnswer,
    OverridesAnswer,
    OverviewData,
    ReconsiderationAnswer,
    RecordedDecision,
    Submission,
    VintageAnswer,
    WhatIfAnswer,
)
from acceptance.lender import AUDITOR, OFFICE, OFFICER, Lender, result_of
from application.outcomes import unwrap
from application.ports.access.credentials import InvalidToken
from application.ports.access.login_attempts import TooManyAttempts
from application.ports.batches.batches import BatchOutput
from application.ports.cases.cases import CaseFilter
from application.ports.cases.override_records import OverrideFilter
from application.ports.decisions.decision_archive import DecisionFilter, DecisionSort, FinalOutcomeFilter
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken
from application.ports.decisions.idempotency import IdempotencyKey, KeyReused
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.notices.notices import LetterFormat, NoticeFilter
from application.ports.outcomes.vintages import VintageFilter
from application.use_cases.access.administer_users import NewPassword
from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.access.manage_users import NameTaken
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.applications.supersede_decision import SupersededDecisionNotFound
from application.use_cases.audit.export_evidence import EvidenceSelection
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from application.use_cases.decisions.try_what_if import WhatIfVersions
from application.use_cases.notices.deliver_notice import LetterAltered
from application.use_cases.outcomes.record_loan_outcome import Correction
from application.use_cases.reconsiderations.ask_for_reconsideration import WantedRequest
from application.use_cases.reconsiderations.open_link import LinkNotValid
from domain.access.account import PasswordChangeRequired
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import Actor, OwnAccount, Permission, PermissionDenied, Role
from domain.applications import bureau_fields
from domain.applications.application_action import Acceptance, WithdrawalReason
from domain.applications.application_identity import NAMES, ApplicationIdentity, InvalidApplicationIdentity
from domain.applications.application_life import ApplicationRuleViolation
from domain.applications.loan_application import LoanApplication
from domain.applications.money import Money
from domain.applications.superseding import read_superseding
from domain.applications.synthetic import caller_faults, is_synthetic
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.batches.kept_columns import columns_in
from domain.cases.case_errors import CaseChanged, CaseError
from domain.cases.counter_offer import CounterOfferNotApproved
from domain.cases.information import CaseNoteAdded
from domain.cases.override import OverrideType
from domain.cases.proposal import WantedResolution
from domain.cases.quality import QualityState
from domain.cases.resolution import ConditionState, InvalidConditionChange, InvalidResolution
from domain.cases.resolution_errors import OwnViewRequired
from domain.decisions.bureau_data import read_bureau_data
from domain.decisions.circumstances import BureauReportInFuture
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.monitoring.period import InvalidPeriod
from domain.notices.cancelling import NoticeCancelled
from domain.notices.completeness import NoticeIncomplete
from domain.notices.issuing import DeliveryMethod
from domain.notices.notice_errors import NoticeChanged, NoticeError
from domain.notices.notice_state import NoticeState
from domain.outcomes.label import label
from domain.outcomes.loan import LoanRuleViolation
from domain.outcomes.loan_outcome import InvalidLoanOutcome, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.policies.final_outcome import FinalOutcome, final_outcome
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from domain.reconsiderations.reconsideration import ReconsiderationKind
from domain.reconsiderations.reconsideration_errors import ReconsiderationError
from domain.reconsiderations.request_content import InvalidRequest
from domain.webhooks.subscription import InvalidSubscription
from entrypoints.ui.reconsiderations.applicant_pages import not_valid_page, status_page
from support.applicant_app import text_in
from support.batches import pieces
from support.evidence import content_of


class LenderThroughUseCases(Lender):
    """Calls the use cases directly."""

    def use_cases_changed(self) -> None:
        """Nothing to do: `use_cases` is read at every call."""

    def apply(self, form: dict[str, Any], by: Actor = OFFICER) -> Answer | None:
        try:
            application, given = self._parts(form)
            record = asyncio.run(self.use_cases.assess(application, by=by, received_through="api", **given))
        except (PermissionDenied, BureauReportInFuture, InvalidApplicationIdentity):
            return None
        return _answer_from_record(record)

    def _parts(self, form: dict[str, Any]) -> tuple[LoanApplication, dict[str, Any]]:
        """The application in a form, and what is given beside it."""
        application = self.use_cases.read_product_in_force().application_from(form)
        stated = {name: form[name] for name in NAMES if name in form}
        if faults := list(caller_faults(stated)):
            raise InvalidApplicationIdentity(faults)
        identity = ApplicationIdentity(**stated)
        circumstances = read_bureau_data(*(form.get(name) for name in bureau_fields.NAMES))
        return application, {"identity": identity, "circumstances": circumstances}

    def is_synthetic(self, decision_id: UUID) -> bool:
        return is_synthetic(asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER)).identity)

    def identity_of(self, decision_id: UUID) -> dict[str, Any]:
        return asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER)).identity.given()

    def try_what_if(
        self, form: dict[str, Any], by: Actor, decision_id: UUID | None = None, versions: str = "decision"
    ) -> WhatIfAnswer | None:
        attempt = self.use_cases.try_what_if
        try:
            if decision_id is None:
                application, given = self._parts(form)
                found = asyncio.run(attempt(application, by=by, **given))
            else:
                record = asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER))
                product = asyncio.run(self.use_cases.read_product_of(record))
                application = product.application_from(product.values_of(record.application) | form)
                found = asyncio.run(attempt(application, by=by, changed=record, versions=WhatIfVersions(versions)))
        except PermissionDenied:
            return None
        decision, reasons = found.decision, tuple(reason.text for reason in found.decision.reasons)
        recommended = decision.recommended_amount.dollars
        return WhatIfAnswer(decision.outcome.value, found.prediction.pd.value, recommended, reasons)

    def related_to(self, decision_id: UUID) -> list[UUID]:
        record = asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER))
        return list(record.circumstances.related)

    def find(self, wanted: DecisionFilter, by: Actor) -> list[UUID]:
        page = asyncio.run(self.use_cases.list_decisions(wanted, by=by))
        return [record.decision_id for record in page.records]

    def shown_application(self, decision_id: UUID) -> dict[str, Any]:
        record = asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER))
        product = asyncio.run(self.use_cases.read_product_of(record))
        return {"product": product.name, "values": product.values_of(record.application)}

    def submit(self, form: dict[str, Any], by: Actor) -> Submission:
        application, given = self._parts(form)
        superseding = read_superseding(form.get("supersedes"), form.get("supersedes_reason"))
        request = AssessmentRequest(application, by, "api", supersedes=superseding, **given)
        try:
            if superseding is None:
                (outcome,) = asyncio.run(self.use_cases.assess_many((request,)))
                result = unwrap(outcome)
            else:
                result = asyncio.run(self.use_cases.supersede(request))
        except ApplicationReferenceTaken as taken:
            return Submission(None, "application-reference-taken", taken.decision_id)
        except SupersededDecisionNotFound:
            return Submission(None, "superseded-decision-not-found")
        except ApplicationRuleViolation as refused:
            return Submission(None, refused.rule, getattr(refused, "decision_id", None))
        return Submission(replace(_answer_from_record(result.record), replayed=result.replayed))

    def links(self, decision_id: UUID, by: Actor) -> tuple[UUID | None, str | None, UUID | None]:
        record = asyncio.run(self.use_cases.read_decision(decision_id, by=by))
        successors = asyncio.run(self.use_cases.applications.successors([decision_id], by=by))
        reason = None if record.supersedes_reason is None else record.supersedes_reason.value
        return record.supersedes, reason, successors.get(decision_id)

    def application(self, decision_id: UUID, by: Actor) -> tuple[str, float | None] | None:
        try:
            chain = asyncio.run(self.use_cases.applications.read(decision_id, by=by))
        except ApplicationNotFound:
            return None
        ended = chain.present.life.ended_by
        accepted = ended.details.amount.dollars if ended and isinstance(ended.details, Acceptance) else None
        return chain.present.state.value, accepted

    def accept(self, decision_id: UUID, amount: float | None, by: Actor, key: str | None = None) -> str:
        money = None if amount is None else Money.of(amount)
        idempotency_key = None if key is None else IdempotencyKey(key)
        use_case = self.use_cases.applications.accept
        return _refusal(lambda: use_case(decision_id, money, by=by, key=idempotency_key))

    def withdraw(self, decision_id: UUID, reason: str, by: Actor) -> str:
        use_case = self.use_cases.applications.withdraw
        return _refusal(lambda: use_case(decision_id, WithdrawalReason(reason), by=by))

    def report_loan(
        self,
        decision_id: UUID,
        status: str,
        as_of: date,
        booked_on: date,
        *,
        by: Actor,
        corrects: UUID | None = None,
        reason: str = "",
    ) -> str:
        record = self.use_cases.outcomes.record
        stated = StatedOutcome(LoanStatus(status), as_of, booked_on)
        correction = None if corrects is None else Correction(corrects, reason.strip())
        try:
            return _refusal(lambda: record(decision_id, stated, by=by, correction=correction))
        except (LoanRuleViolation, InvalidLoanOutcome) as refused:
            return str(refused)

    def loan(self, decision_id: UUID, by: Actor) -> LoanAnswer:
        loan = asyncio.run(self.use_cases.outcomes.read(decision_id, by=by)).loan
        status = None if loan.last is None else loan.last.stated.status.value
        return LoanAnswer(status, label(loan), tuple(each.outcome_id for each in loan.history))

    def vintages(self, by: Actor, source: str | None) -> list[VintageAnswer]:
        report = asyncio.run(self.use_cases.outcomes.read_vintages(VintageFilter(source), by=by))
        return [
            VintageAnswer(
                each.month,
                each.loans,
                each.immature,
                each.defaults,
                each.complete,
                each.expected,
                each.observed,
                each.interval,
            )
            for each in report.figures.vintages
        ]

    def import_outcomes(self, content: bytes, by: Actor) -> ImportAnswer:
        outcomes = self.use_cases.outcomes
        submitted = asyncio.run(outcomes.submit_import(pieces(content), name="outcomes.csv", by=by)).wanted
        self.work_imports()

        async def read() -> ImportAnswer:
            done = (await outcomes.read_import(submitted.import_id, by=by)).progress
            lines = [each async for each in await outcomes.import_errors(submitted.import_id, by=by)]
            return ImportAnswer.of((done.recorded, done.repeated, done.refused), b"".join(lines).decode())

        return asyncio.run(read())

    def take_next_case(self, *, by: Actor, key: str | None = None) -> UUID | None:
        taken = asyncio.run(
            self.use_cases.cases.claim_next(by=by, key=None if key is None else IdempotencyKey(key))
        )
        return None if taken is None else taken.case.case_id

    def work_case(self, verb: str, case_id: UUID, *, by: Actor, text: str = "", seen: int | None = None) -> str:
        cases = self.use_cases.cases
        about: dict[str, Any] = {"by": by, "seen": self.case(case_id).version if seen is None else seen}
        verbs: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "claim": lambda: cases.claim(case_id, **about),
            "release": lambda: cases.release(case_id, **about),
            "reassign": lambda: cases.reassign(case_id, text, **about),
            "note": lambda: cases.add_note(case_id, text, **about),
            "ask": lambda: cases.request_information(case_id, text, **about),
            "answer": lambda: cases.receive_information(case_id, text, **about),
            "renew": lambda: cases.renew_lease(case_id, by=by),
        }
        try:
            asyncio.run(verbs[verb]())
        except (CaseError, CaseChanged, PermissionDenied) as refused:
            return str(refused)
        return ""

    def case(self, case_id: UUID) -> CaseAnswer:
        view = asyncio.run(self.use_cases.cases.read_case(case_id, by=AUDITOR))
        case = view.case
        return CaseAnswer(
            state=case.state_at(self.clock.now()).value,
            version=case.version,
            assignee=case.assignee,
            opened_at=case.opened_at,
            due_at=case.due_at,
            breached=case.breached_at is not None,
            notes=tuple(
                (action.actor.name, action.details.text)
                for action in view.actions
                if isinstance(action.details, CaseNoteAdded)
            ),
        )

    def decide_case(self, path: str, case_id: UUID, body: dict[str, Any], *, by: Actor) -> str:
        cases, seen = self.use_cases.cases, self.case(case_id).version
        verb, _, number = path.partition("/")
        about: dict[str, Any] = {"by": by, "seen": seen}
        verbs: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "resolution": lambda: cases.resolve(case_id, _wanted(body), **about),
            "second-approval": lambda: cases.second_approval(case_id, **body, **about),
            "own-view": lambda: cases.enter_own_view(
                case_id, FinalOutcome(body["outcome"]), body["text"], **about
            ),
            "quality-review": lambda: cases.quality_review(
                case_id, FinalOutcome(body["outcome"]), body["text"], **about
            ),
            "conditions": lambda: cases.change_condition(
                case_id, int(number), ConditionState(body["state"]), body.get("reason", ""), **about
            ),
        }
        return _case_refusal(verbs[verb])

    def make_applicant_link(self, decision_id: UUID, by: Actor) -> str:
        made = asyncio.run(self.use_cases.reconsiderations.make_link(decision_id, by=by))
        return str(made.address).rpartition("/")[2]

    def revoke_applicant_links(self, decision_id: UUID, by: Actor) -> None:
        found = asyncio.run(self.use_cases.reconsiderations.read(decision_id, by=by))
        for link in found.links:
            asyncio.run(self.use_cases.reconsiderations.revoke_link(decision_id, link.link_id, by=by))

    def applicant_page(self, token: str) -> str:
        """As the pages say it."""
        try:
            page = asyncio.run(self.use_cases.reconsiderations.applicant_page(token, address="192.0.2.7"))
        except LinkNotValid:
            return text_in(bytes(not_valid_page().body).decode())
        return text_in(bytes(status_page(token, page).body).decode())

    def ask_by_link(self, token: str, kind: str, stated: Mapping[str, str], text: str, form: str) -> str:
        wanted = WantedRequest(ReconsiderationKind(kind), stated, text, form)
        try:
            asyncio.run(self.use_cases.reconsiderations.ask(token, wanted, address="192.0.2.7"))
        except InvalidRequest as invalid:
            return str(invalid)
        except ReconsiderationError as refused:
            return refused.rule
        return ""

    def reconsiderations(self, decision_id: UUID, by: Actor) -> list[ReconsiderationAnswer]:
        found = asyncio.run(self.use_cases.reconsiderations.read(decision_id, by=by))
        return [
            ReconsiderationAnswer(
                each.request.reconsideration_id,
                each.request.case_id,
                each.request.kind.value,
                each.request.state.value,
                each.request.answered_by,
            )
            for each in found.requests
        ]

    def accept_correction(self, decision_id: UUID, by: Actor) -> str:
        (request, *_) = self.reconsiderations(decision_id, by)
        seen, accept = self.case(request.case_id).version, self.use_cases.reconsiderations.accept_correction
        where = (decision_id, request.reconsideration_id)
        try:
            asyncio.run(accept(*where, by=by, seen=seen, received_through="api"))
        except (CaseError, ReconsiderationError) as refused:
            return str(refused)
        return ""

    def decision_withheld(self, decision_id: UUID, by: Actor) -> bool:
        try:
            asyncio.run(self.use_cases.read_decision(decision_id, by=by))
        except OwnViewRequired:
            return True
        return False

    def queued_grades(self, by: Actor) -> dict[UUID, str]:
        page = asyncio.run(self.use_cases.cases.list_cases(CaseFilter(), by=by))
        return {case.case_id: case.grade for case in page.cases}

    def case_decisions(self, case_id: UUID, by: Actor) -> CaseDecisions:
        view = asyncio.run(self.use_cases.cases.read_case(case_id, by=by))
        authority, decided = view.authority, view.final_decision
        assert authority is not None
        approving = [each for each in authority.outcomes if each.outcome is FinalOutcome.APPROVED]
        return CaseDecisions(
            score_shown=isinstance(view.record, DecisionRecord),
            approving_needs=tuple(rule.value for each in approving for rule in each.second_person),
            counter_offers=tuple((each.amount.dollars, each.term) for each in authority.counter_offers),
            conditions=tuple(each.state.value for each in view.proceedings.conditions),
            outcome=decided.outcome.value if decided else None,
            override=decided.override.value if decided else None,
            maker=decided.maker.name if decided else None,
            checker=decided.checker.name if decided and decided.checker else None,
            amount=decided.amount.dollars if decided and decided.amount else None,
            term=decided.term if decided else None,
        )

    def open_review(self, decision_id: UUID, reason: str, by: Actor) -> tuple[UUID | None, str]:
        try:
            opened = asyncio.run(self.use_cases.cases.open_review(decision_id, reason, by=by))
        except CaseError as refused:
            return None, str(refused)
        return opened.case.case_id, ""

    def disagreements(self, by: Actor) -> list[tuple[UUID, str, str]]:
        list_them = self.use_cases.cases.list_quality_reviews
        found = asyncio.run(list_them(QualityState.DISAGREED, by=by)).reviews
        return [
            (each.case.case_id, each.decided.maker.name, each.reviewer or "") for each in found if each.decided
        ]

    def letter(self, decision_id: UUID, by: Actor) -> LetterAnswer:
        notices, wanted = (
            self.use_cases.notices,
            NoticeFilter(frozenset({NoticeState.DUE}), decision_id=decision_id),
        )
        (notice,) = asyncio.run(notices.list_notices(wanted, by=by)).notices
        try:
            draft = asyncio.run(notices.preview(notice.notice_id, by=by))
        except NoticeIncomplete as incomplete:
            return LetterAnswer("", incomplete.missing)
        return LetterAnswer(draft.letter.html.decode())

    def notices_of(self, application_id: UUID, by: Actor) -> list[NoticeAnswer]:
        notices = self.use_cases.notices
        wanted = NoticeFilter(application_id=application_id)
        found = asyncio.run(notices.list_notices(wanted, by=by)).notices
        views = [asyncio.run(notices.read_notice(each.notice_id, by=by)) for each in found]
        return [
            NoticeAnswer(
                notice_id=view.notice.notice_id,
                kind=view.notice.kind.value,
                state=view.notice.state.value,
                version=view.notice.version,
                due_at=view.notice.due_at,
                overdue=view.notice.overdue_at(self.clock.now()),
                cancelled=next(
                    (e.details.reason.value for e in view.actions if isinstance(e.details, NoticeCancelled)), ""
                ),
            )
            for view in sorted(views, key=lambda view: view.notice.notice_id)
        ]

    def issue_notice(self, notice_id: UUID, *, by: Actor, seen: int) -> str:
        try:
            asyncio.run(self.use_cases.notices.issue(notice_id, by=by, seen=seen))
        except (NoticeError, NoticeChanged, PermissionDenied) as refused:
            return str(refused)
        return ""

    def record_delivery(self, notice_id: UUID, method: str, *, by: Actor, returned: bool = False) -> str:
        notices, on = self.use_cases.notices, self.clock.now().date()
        seen = asyncio.run(notices.read_notice(notice_id, by=by)).notice.version
        record = notices.record_delivery(
            notice_id, DeliveryMethod(method), on, by=by, seen=seen, returned=returned
        )
        try:
            asyncio.run(record)
        except (NoticeError, NoticeChanged, PermissionDenied) as refused:
            return str(refused)
        return ""

    def issued_letter(self, notice_id: UUID, *, by: Actor, form: str = "pdf") -> bytes:
        try:
            return asyncio.run(self.use_cases.notices.read_letter(notice_id, LetterFormat(form), by=by))
        except LetterAltered:
            return b""

    def case_queue(self, by: Actor) -> list[UUID]:
        page = asyncio.run(self.use_cases.cases.list_cases(CaseFilter(), by=by))
        return [case.case_id for case in page.cases]

    def reproduction_differences(self, decision_id: UUID) -> list[str] | None:
        try:
            reproduction = asyncio.run(self.use_cases.reproduce(decision_id, by=AUDITOR))
        except VersionNotArchived:
            return None
        return [one.field for one in reproduction.comparison.differences]

    def find_counterfactual(self, decision_id: UUID) -> CounterfactualAnswer:
        explanation = asyncio.run(self.use_cases.find_counterfactual(decision_id, by=OFFICER))
        options = (
            {change.name: _form_value(change.name, change.instead) for change in one.changes}
            for one in explanation.counterfactuals
        )
        return CounterfactualAnswer(explanation.approved, tuple(options))

    def apply_with_key(self, form: dict[str, Any], key: str, by: Actor = OFFICER) -> Answer | None:
        assess = self.use_cases.assess_once
        try:
            application, given = self._parts(form)
            once = asyncio.run(
                assess(application, key=IdempotencyKey(key), by=by, received_through="api", **given)
            )
        except KeyReused:
            return None
        return replace(_answer_from_record(once.record), replayed=once.replayed)

    def read_decision(self, decision_id: UUID) -> RecordedDecision:
        record = asyncio.run(self.use_cases.read_decision(decision_id, by=OFFICER))
        return RecordedDecision(_answer_from_record(record), record.requested_by.name)

    def can_read(self, decision_id: UUID, by: Actor) -> str:
        return result_of(lambda: self.use_cases.read_decision(decision_id, by=by))

    def can_explain(self, decision_id: UUID, by: Actor) -> str:
        return result_of(lambda: self.use_cases.find_counterfactual(decision_id, by=by))

    def decision_count(self, by: Actor) -> int:
        return asyncio.run(self.use_cases.list_decisions(DecisionFilter(), by=by)).total

    def can_see_overview(self, start: datetime, by: Actor) -> bool:
        return result_of(lambda: self.use_cases.read_overview(start, by=by)) == "allowed"

    def can_use_batch(self, batch_id: UUID, by: Actor) -> tuple[str, str]:
        batches = self.use_cases.batches
        return (
            result_of(lambda: batches.read(batch_id, by=by)),
            result_of(lambda: batches.cancel(batch_id, by=by)),
        )

    def export_evidence(self, decision_id: UUID | None, by: Actor) -> bytes | None:
        selection = EvidenceSelection(identifiers=() if decision_id is None else (decision_id,))

        async def export() -> bytes:
            return await content_of(await self.use_cases.export_evidence(selection, by=by))

        try:
            return asyncio.run(export())
        except PermissionDenied:
            return None

    def verification_report(self) -> tuple[dict[str, Any], str]:
        found = asyncio.run(self.use_cases.read_verification(self.last_verification(), by=AUDITOR))
        return dict(found.content), found.fault

    def search(self, outcome: str | None = None) -> list[RecordedDecision]:
        criteria = DecisionFilter(outcome=Outcome(outcome) if outcome else None)
        page = asyncio.run(self.use_cases.list_decisions(criteria, by=OFFICER))
        return [
            RecordedDecision(_answer_from_record(record), record.requested_by.name)
            for record in page.records
            if isinstance(record, DecisionRecord)
        ]

    def amounts_of_channel(self, channel: str) -> list[float]:
        wanted = DecisionFilter(channel=channel, sort=DecisionSort.AMOUNT)
        page = asyncio.run(self.use_cases.list_decisions(wanted, by=OFFICER))
        records = [record for record in page.records if isinstance(record, DecisionRecord)]
        return [record.application.terms.amount.dollars for record in records]

    def unreadable(self) -> dict[UUID, str]:
        page = asyncio.run(self.use_cases.list_decisions(DecisionFilter(), by=OFFICER))
        return {each.decision_id: each.problem for each in page.records if isinstance(each, UnreadableDecision)}

    def faults_of(self, decision_id: UUID) -> tuple[str, str]:
        faults = []
        for use_case in (self.use_cases.read_decision, self.use_cases.reproduce):
            with pytest.raises(DecisionUnreadable) as raised:
                asyncio.run(use_case(decision_id, by=AUDITOR))
            faults.append(str(raised.value))
        return faults[0], faults[1]

    def final_outcome(self, decision_id: UUID, by: Actor) -> FinalAnswer:
        record = asyncio.run(self.use_cases.read_decision(decision_id, by=by))
        decided = asyncio.run(self.use_cases.read_final_decision(record, by=by))
        outcome = final_outcome(record.decision.outcome, decided and decided.outcome)
        shown = decided if by.may(Permission.EXPLAIN_DECISIONS) else None  # as the entry points present it
        return FinalAnswer(outcome and outcome.value, record.decision.outcome.value, shown and shown.maker.name)

    def decisions_with(self, final_outcome: str, by: Actor) -> set[UUID]:
        wanted = DecisionFilter(final_outcome=FinalOutcomeFilter(final_outcome))
        page = asyncio.run(self.use_cases.list_decisions(wanted, by=by))
        return {record.decision_id for record in page.records}

    def final_outcomes(self, start: datetime, by: Actor) -> tuple[int, int, int, int]:
        final = asyncio.run(self.use_cases.read_overview(start, by=by)).overview.final_outcomes
        return final.approved, final.counter_offer, final.declined, final.undecided

    def overrides(self, start: datetime, by: Actor, officer: str | None = None) -> OverridesAnswer:
        found = asyncio.run(self.use_cases.read_overrides(start, by=by, wanted=OverrideFilter(officer)))
        figures, disagreed = found.figures, found.figures.events.quality_disagreed
        agreed, low, high, exceptions = (figures.total.counts[each] for each in OverrideType)
        return OverridesAnswer(
            (agreed, low, high, exceptions),
            {each.name: (each.overrides.count, each.decisions) for each in figures.officers},
            figures.events.second_approvals_refused,
            (disagreed.count, disagreed.total),
        )

    def overview(
        self,
        start: datetime,
        end: datetime | None = None,
        by: Actor = OFFICER,
        wanted: OverviewFilter = DEFAULT_FILTER,
    ) -> OverviewData | None:
        try:
            dated = asyncio.run(self.use_cases.read_overview(start, end, by=by, wanted=wanted, compare=True))
        except InvalidPeriod:
            return None
        found = dated.overview
        outcomes = found.outcomes
        return OverviewData(
            as_of=dated.as_of,
            decisions=outcomes.total,
            outcomes=(outcomes.approved, outcomes.referred, outcomes.declined),
            trend_total=sum(step.total for step in found.course),
            requested=found.requested.dollars,
            mean_pd=found.mean_pd,
            reasons={PERSONAL_LOAN.reasons[code]: count for code, count in found.reasons},
            by_policy={one.policy_version: one.outcomes.total for one in found.versions},
            decisions_before=None if dated.before is None else dated.before.outcomes.total,
        )

    def log_in(self, name: str, password: str, address: str = OFFICE) -> bool:
        try:
            issued = asyncio.run(self.use_cases.issue_access_token(name, password, address=address))
        except (InvalidCredentials, TooManyAttempts, PasswordChangeRequired):
            return False
        self.tokens_of[name] = issued.token
        return True

    def is_logged_in(self, name: str) -> bool:
        try:
            return self.use_cases.identify_caller(self.tokens_of[name]).name == name
        except InvalidToken:
            return False

    def change_password(self, name: str, current: str, new: str) -> bool:
        try:
            asyncio.run(self.use_cases.change_own_password(name, current, new, address=OFFICE))
        except (InvalidCredentials, PasswordNotAllowed):
            return False
        return True

    def administer(self, action: str, name: str, *, by: Actor, role: Role | None = None) -> str | None:
        use_case = getattr(self.use_cases.user_administration, action)
        given = [name] if role is None else [name, role]
        try:
            done = asyncio.run(use_case(*given, by=by))
        except (PermissionDenied, OwnAccount, NameTaken):
            return None
        return done.password if isinstance(done, NewPassword) else ""

    def upload_batch(
        self,
        content: bytes,
        by: Actor,
        key: str | None = None,
        *,
        conventions: FileConventions = AS_DEFINED,
        keep: str = "",
        trial: bool = False,
    ) -> UUID | None:
        idempotency_key = None if key is None else IdempotencyKey(key)
        submit = self.use_cases.batches.submit
        try:
            return asyncio.run(
                submit(
                    pieces(content),
                    name="loans.csv",
                    by=by,
                    key=idempotency_key,
                    conventions=conventions,
                    keep=columns_in(keep),
                    trial=trial,
                )
            ).batch.batch_id
        except PermissionDenied:
            return None

    def subscribe(self, events: Sequence[str], *, by: Actor) -> str:
        try:
            asyncio.run(self.use_cases.webhooks.subscribe("https://portal.example/", events, by=by))
        except (InvalidSubscription, PermissionDenied) as refusal:
            return str(refusal)
        return ""

    def end_subscriptions(self, *, by: Actor) -> None:
        for state in asyncio.run(self.use_cases.webhooks.subscriptions(by=by)):
            asyncio.run(self.use_cases.webhooks.end(state.subscription.subscription_id, by=by))

    def cancel_batch(self, batch_id: UUID, by: Actor) -> None:
        asyncio.run(self.use_cases.batches.cancel(batch_id, by=by))

    def batch(self, batch_id: UUID) -> tuple[str, int, int]:
        found = asyncio.run(self.use_cases.batches.read(batch_id, by=OFFICER))
        return found.state.value, found.progress.rows_decided, found.progress.rows_refused

    def batch_fault(self, batch_id: UUID) -> str:
        return str(asyncio.run(self.use_cases.batches.read(batch_id, by=OFFICER)).fault)

    def batch_lines(self, batch_id: UUID, output: str) -> list[dict[str, str]]:
        async def read() -> bytes:
            parts = await self.use_cases.batches.output(batch_id, BatchOutput(output), by=OFFICER)
            return b"".join([part async for part in parts])

        return list(csv.DictReader(io.StringIO(asyncio.run(read()).decode())))


def _refusal(change: Callable[[], Coroutine[Any, Any, object]]) -> str:
    try:
        asyncio.run(change())
    except ApplicationNotFound:
        return "no such application"
    except PermissionDenied:
        return "not permitted"
    except ApplicationRuleViolation as refused:
        return str(refused)
    return ""


def _case_refusal(change: Callable[[], Coroutine[Any, Any, object]]) -> str:
    try:
        asyncio.run(change())
    except (
        CaseError,
        CaseChanged,
        PermissionDenied,
        InvalidResolution,
        CounterOfferNotApproved,
        InvalidConditionChange,
    ) as refused:
        return str(refused)
    return ""


def _wanted(body: dict[str, Any]) -> WantedResolution:
    amount = body.get("amount")
    return WantedResolution(
        FinalOutcome(body["outcome"]),
        body["reason"],
        body["text"],
        None if amount is None else Money.of(amount),
        body.get("term"),
        conditions=tuple(body.get("conditions", ())),
    )


def _form_value(name: str, value: float) -> Any:
    if name == "term":
        return f"{value:.0f} months"
    return int(value) if name in {"inq_last_6mths", "fico_range_low"} else value


def _answer_from_record(record: DecisionRecord) -> Answer:
    decision = record.decision
    return Answer(
        decision_id=record.decision_id,
        outcome=decision.outcome.value,
        confidence=decision.confidence.value,
        default_predicted=decision.default_predicted,
        pd=record.prediction.pd.value,
        recommended=decision.recommended_amount.dollars,
        reasons=tuple(reason.text for reason in decision.reasons),
        out_of_domain=record.prediction.out_of_domain,
        rule_reasons=tuple(reason.text for reason in decision.rule_reasons or ()),
        score_reasons=tuple(reason.text for reason in decision.score_reasons or ()),
        stability=decision.outcome_stability,
        alternative=decision.alternative
        and (decision.alternative.amount.dollars, f"{decision.alternative.term} months"),
        model=record.model_version,
        policy=decision.policy_version,
        grade=decision.grade,
    )
