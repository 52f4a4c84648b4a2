"""A document of every kind and schema is read by this release.

Never change a sample: documents like it are stored for years.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from adapters.persistence.applications import action_documents as application_action_documents
from adapters.persistence.applications.action_documents import APPLICATION_ACTION
from adapters.persistence.audit.event_history import EVENT, read_event
from adapters.persistence.cases import final_decision_documents
from adapters.persistence.cases.case_documents import CASE_ACTION, decode_action
from adapters.persistence.cases.final_decision_documents import FINAL_DECISION
from adapters.persistence.decisions.documents import DECISION, decode
from adapters.persistence.notices import notice_documents
from adapters.persistence.notices.notice_documents import NOTICE_ACTION
from adapters.persistence.outcomes import outcome_documents
from adapters.persistence.outcomes.outcome_documents import LOAN_OUTCOME
from adapters.persistence.reconsiderations import action_documents as reconsideration_documents
from adapters.persistence.reconsiderations.action_documents import RECONSIDERATION_ACTION
from domain.access.user import APPLICANT, Actor, Role
from domain.applications.application_action import (
    Acceptance,
    ApplicationAction,
    ApplicationActionKind,
    Details,
    Withdrawal,
)
from domain.applications.application_action import WithdrawalReason as ApplicationWithdrawalReason
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.audit.checkpoint_copy import CHECKPOINT, CheckpointCopy
from domain.cases.after_resolution import ConditionChanged, QualityReviewed
from domain.cases.applicant_request import ApplicantRequestReceived
from domain.cases.case_action import CaseAction, CaseActionKind, CaseDetails
from domain.cases.claiming import CaseClaimed, CaseReassigned
from domain.cases.endings import CaseWithdrawn, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationRequested
from domain.cases.own_view import OwnViewEntered
from domain.cases.resolution import ConditionState
from domain.cases.resolving import CaseResolved, ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused
from domain.cases.review import ReviewOpened
from domain.notices.cancelling import CancellationReason, NoticeCancelled
from domain.notices.issuing import DeliveryMethod, NoticeDelivered, NoticeIssued, NoticeReturned
from domain.notices.notice_action import NoticeAction, NoticeActionKind, NoticeDetails
from domain.notices.notice_kind import NoticeKind
from domain.outcomes.loan_outcome import LoanAmounts, LoanOutcome, LoanOutcomeKind, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.policies import scoring_policy
from domain.policies.final_outcome import FinalOutcome
from domain.policies.stored_policy import policy_from, schema_and_product
from domain.products import product_definition
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import product_from
from domain.reconsiderations.reconsideration import (
    Answer,
    AnswerReason,
    ReconsiderationKind,
    ReconsiderationState,
    Standing,
)
from domain.reconsiderations.reconsideration_action import (
    Answered,
    LinkMade,
    LinkRevoked,
    ReconsiderationAction,
    Requested,
)
from support.builders import a_decision_record, a_final_decision, before_schema_3, with_schema_4
from support.cases import a_proposal
from support.paths import PROJECT

DOCUMENTS = PROJECT / "tests" / "upgrades" / "documents"
SAMPLES = sorted(DOCUMENTS.glob("*.json"))
AT = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
DECISION_ID = UUID("7b0c43a4-7d3e-7c7b-8a53-0d6a3a5f2b11")
FINAL_DECISION_ID = UUID("7b0c43a4-9a51-7c7b-8a53-0d6a3a5f2b11")
EVENT_ID = UUID("01932c5e-7a10-7c3a-9a51-2f1d3c4b5a69")


def read_decision(text: str) -> None:
    expected = a_decision_record(decision_id=DECISION_ID)
    schema = json.loads(text).get("schema", 1)
    if schema < 3:
        expected = before_schema_3(expected)
    if schema >= 4:
        expected = with_schema_4(expected)
    assert decode(text, DECISION_ID) == expected


def read_application_action(text: str) -> None:
    action = application_action_documents.decode(text, DECISION_ID)
    details: dict[ApplicationActionKind, Details] = {
        ApplicationActionKind.ACCEPTED: Acceptance(Money(800_025), Money(1_000_000), FINAL_DECISION_ID),
        ApplicationActionKind.WITHDRAWN: Withdrawal(
            ApplicationWithdrawalReason.OTHER, "Moved to Łódź", ApplicationState.REFERRED
        ),
    }
    assert action == ApplicationAction(
        DECISION_ID, EVENT_ID, EVENT_ID, 1, AT, Actor("marta", Role.LOAN_OFFICER), details[action.kind]
    )


def resolution_details() -> list[CaseDetails]:
    return [
        ResolutionProposed(a_proposal()),
        CaseResolved(a_proposal(), FINAL_DECISION_ID, quality_review=True),
        SecondApprovalGiven(FINAL_DECISION_ID, quality_review=True, text="Payslips seen."),
        SecondApprovalRefused("The income is not proven."),
        OwnViewEntered(FinalOutcome.APPROVED, "Stable income.", FinalOutcome.COUNTER_OFFER, agrees=False),
        ConditionChanged(2, ConditionState.WAIVED, "Known at the branch."),
        QualityReviewed(FinalOutcome.DECLINED, "Too much debt.", agrees=False),
        ReviewOpened(DECISION_ID, "New payslips.", AT + timedelta(days=2)),
    ]


def read_case_action(text: str) -> None:
    action = decode_action(text, DECISION_ID)
    details: dict[CaseActionKind, CaseDetails] = {
        CaseActionKind.CLAIMED: CaseClaimed(),
        CaseActionKind.REASSIGNED: CaseReassigned("udo", Role.SENIOR_UNDERWRITER),
        CaseActionKind.NOTE_ADDED: CaseNoteAdded("Called.\nMoved to Łódź."),
        CaseActionKind.INFORMATION_REQUESTED: InformationRequested(
            "Two pay slips, please.", AT + timedelta(days=14)
        ),
        CaseActionKind.WITHDRAWN: CaseWithdrawn(WithdrawalReason.SUPERSEDED),
        CaseActionKind.APPLICANT_REQUEST_RECEIVED: ApplicantRequestReceived(
            FINAL_DECISION_ID, ReconsiderationKind.CORRECTION, ("annual_inc",), AT + timedelta(days=2)
        ),
        **{each.kind: each for each in resolution_details()},
    }
    by = Actor("uma", Role.UNDERWRITER)
    assert action == CaseAction(DECISION_ID, EVENT_ID, 3, AT, by, details[action.kind])


def read_loan_outcome(text: str) -> None:
    outcome = outcome_documents.decode(text, DECISION_ID)
    amounts = LoanAmounts(Money(0), Money(412_550), Money(600_000), Money(25_000))
    stated = StatedOutcome(LoanStatus.CHARGED_OFF, date(2026, 2, 28), date(2025, 1, 15), None, amounts)
    recorded = LoanOutcome(DECISION_ID, EVENT_ID, 2, AT, Actor("rita", Role.RISK_MANAGER), stated)
    corrected = replace(
        recorded,
        stated=StatedOutcome(LoanStatus.LATE, date(2026, 2, 28), date(2025, 1, 15), 45),
        corrects=FINAL_DECISION_ID,
        reason="Wrong account in Łódź.",
    )
    assert outcome == (recorded if outcome.kind is LoanOutcomeKind.RECORDED else corrected)


def read_reconsideration_action(text: str) -> None:
    action = reconsideration_documents.decode(text, DECISION_ID)
    before = Standing(ApplicationState.COUNTER_OFFER, Money(800_025))
    reasoned = (ReconsiderationState.OVERTURNED, AnswerReason.CORRECTION_ACCEPTED, DECISION_ID)
    expected = (
        LinkMade(DECISION_ID, EVENT_ID, AT.replace(microsecond=0) + timedelta(days=60)),
        LinkRevoked(DECISION_ID),
        Requested(
            reconsideration_id=FINAL_DECISION_ID,
            link_id=DECISION_ID,
            decision_id=EVENT_ID,
            case_id=FINAL_DECISION_ID,
            kind=ReconsiderationKind.CORRECTION,
            fields=("annual_inc",),
            before=before,
            due_at=AT + timedelta(days=2),
            content_digest="9f" * 32,
        ),
        Answered(FINAL_DECISION_ID, Answer(*reasoned)),
    )
    (details,) = (each for each in expected if type(each) is type(action.details))
    assert action == ReconsiderationAction(DECISION_ID, EVENT_ID, 2, AT, APPLICANT, details)


def read_notice_action(text: str) -> None:
    details: dict[NoticeActionKind, NoticeDetails] = {
        NoticeActionKind.ISSUED: NoticeIssued(
            NoticeKind.COUNTER_OFFER,
            EVENT_ID,
            DECISION_ID,
            AT,
            datetime(2026, 4, 14, 4, tzinfo=UTC),
            ("RISK_TOO_HIGH", "AMOUNT_REQUESTED"),
            "0a" * 32,
            "9f" * 32,
        ),
        NoticeActionKind.DELIVERED: NoticeDelivered(
            DeliveryMethod.MAIL, date(2026, 3, 16), "Certified mail.\nŁódź"
        ),
        NoticeActionKind.RETURNED: NoticeReturned(DeliveryMethod.EMAIL, date(2026, 3, 17)),
        NoticeActionKind.CANCELLED: NoticeCancelled(CancellationReason.SUPERSEDED),
    }
    action = notice_documents.decode_action(text, DECISION_ID)
    by = Actor("carla", Role.COMPLIANCE)
    assert action == NoticeAction(DECISION_ID, EVENT_ID, 3, AT, by, details[action.kind])
    assert notice_documents.encode_action(action).decode() == text


def read_final_decision(text: str) -> None:
    ids = {"final_decision_id": FINAL_DECISION_ID, "decision_id": DECISION_ID, "case_id": DECISION_ID}
    assert final_decision_documents.decode(text, FINAL_DECISION_ID) == a_final_decision(**ids)


def read_stored_event(text: str) -> None:
    event = read_event(SimpleNamespace(event_id=EVENT_ID, kind="role changed", document=text))
    assert (event.at, event.actor, event.fault) == (AT, "os:ada", "")
    assert event.details == {"user": "olga", "role": "risk manager"}


def read_checkpoint(text: str) -> None:
    copy = CheckpointCopy.read(text)
    assert (copy.number, copy.at, copy.public_key) == (17, AT, bytes(range(32)))


def read_policy(text: str) -> None:
    version = schema_and_product(json.loads(text))[1]
    product = PERSONAL_LOAN if version == PERSONAL_LOAN.product_version else sampled_product()
    policy = policy_from(text, product)
    assert policy.fingerprint == sha256(text.encode()).hexdigest()


def read_product(text: str) -> None:
    assert product_from(text).fingerprint == sha256(text.encode()).hexdigest()


def sampled_product() -> ProductDefinition:
    return product_from((DOCUMENTS / "product-1.json").read_text(encoding="utf-8"))


KINDS: dict[str, tuple[int, Callable[[str], None]]] = {
    DECISION.name: (DECISION.schema, read_decision),
    EVENT.name: (EVENT.schema, read_stored_event),
    APPLICATION_ACTION.name: (APPLICATION_ACTION.schema, read_application_action),
    CASE_ACTION.name: (CASE_ACTION.schema, read_case_action),
    FINAL_DECISION.name: (FINAL_DECISION.schema, read_final_decision),
    RECONSIDERATION_ACTION.name: (RECONSIDERATION_ACTION.schema, read_reconsideration_action),
    NOTICE_ACTION.name: (NOTICE_ACTION.schema, read_notice_action),
    LOAN_OUTCOME.name: (LOAN_OUTCOME.schema, read_loan_outcome),
    CHECKPOINT.name: (CHECKPOINT.schema, read_checkpoint),
    scoring_policy.KIND: (scoring_policy.SCHEMA, read_policy),
    product_definition.KIND: (product_definition.SCHEMA, read_product),
}
"""The current schema of each kind, and what reads it."""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_of_every_schema_is_read(sample: Path) -> None:
    kind = sample.stem.split("-")[0]
    KINDS[kind][1](sample.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_has_a_sample(kind: str) -> None:
    sampled = {int(path.stem.split("-")[1]) for path in SAMPLES if path.stem.split("-")[0] == kind}
    assert sampled == set(range(1, KINDS[kind][0] + 1))
