"""Display labels of stored values: outcomes, channels and batch states. Labels of fields are the product's."""

from collections.abc import Mapping

from domain.applications.application_action import WithdrawalReason
from domain.applications.application_state import ApplicationState
from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS
from domain.applications.superseding import SupersedesReason
from domain.batches.batch import BatchState
from domain.cases.case_state import CaseState
from domain.cases.override import OverrideType
from domain.decisions.circumstances import BureauStatus
from domain.notices.issuing import DeliveryMethod
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Confidence, Outcome
from domain.reconsiderations.reconsideration import ReconsiderationKind, ReconsiderationState

CHANNELS: Mapping[str, str] = {"api": "API", "web": "Web interface", "file": "File", "batch": "Batch"}
IDENTITY: Mapping[str, str] = {
    "application_reference": "Application reference",
    "applicant_reference": "Applicant reference",
    "source": "Source",
    "channel": "Channel",
}
"""The caller's references and origin of an application."""
BUREAU: Mapping[str, str] = {BUREAU_STATUS: "Bureau data", BUREAU_REPORT_DATE: "Date of the bureau report"}
BUREAU_STATUSES: Mapping[BureauStatus, str] = {
    BureauStatus.FOUND: "Found",
    BureauStatus.MISSING: "Missing: no result",
    BureauStatus.FROZEN: "Frozen by the applicant",
    BureauStatus.DISPUTED: "Disputed by the applicant",
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.APPROVED: "Approved",
    Outcome.REFERRED: "Referred",
    Outcome.DECLINED: "Declined",
}
FINAL_OUTCOMES: Mapping[FinalOutcome, str] = {
    FinalOutcome.APPROVED: "Approved",
    FinalOutcome.DECLINED: "Declined",
    FinalOutcome.COUNTER_OFFER: "Counter-offer",
}
BATCH_STATES: Mapping[BatchState, str] = {
    BatchState.QUEUED: "Queued",
    BatchState.RUNNING: "Running",
    BatchState.DONE: "Finished",
    BatchState.FAILED: "Failed",
    BatchState.CANCELLED: "Cancelled",
}
APPLICATION_STATES: Mapping[ApplicationState, str] = {
    ApplicationState.APPROVED: "Approved",
    ApplicationState.COUNTER_OFFER: "Counter-offer",
    ApplicationState.REFERRED: "Referred",
    ApplicationState.DECLINED: "Declined",
    ApplicationState.ACCEPTED: "Accepted",
    ApplicationState.WITHDRAWN: "Withdrawn",
    ApplicationState.EXPIRED: "Expired",
}
WITHDRAWAL_REASONS: Mapping[WithdrawalReason, str] = {
    WithdrawalReason.NO_LONGER_NEEDED: "The loan is no longer needed",
    WithdrawalReason.OTHER_LENDER: "The applicant chose another lender",
    WithdrawalReason.TERMS_NOT_SUITABLE: "The terms do not suit the applicant",
    WithdrawalReason.INFORMATION_NOT_PROVIDED: "The applicant did not provide information",
    WithdrawalReason.DUPLICATE: "Duplicate of another application",
    WithdrawalReason.SUBMITTED_IN_ERROR: "Submitted in error",
    WithdrawalReason.OTHER: "Other",
}
SUPERSEDES_REASONS: Mapping[SupersedesReason, str] = {
    SupersedesReason.CORRECTION: "Correction of the application",
    SupersedesReason.NEW_BUREAU_DATA: "New data of the credit bureau",
    SupersedesReason.RECONSIDERATION: "Reconsideration",
    SupersedesReason.RESUBMISSION: "Resubmission",
}
RECONSIDERATIONS: Mapping[ReconsiderationKind, str] = {
    ReconsiderationKind.CORRECTION: "Correction of the application",
    ReconsiderationKind.HUMAN_REVIEW: "Review by a person",
}
RECONSIDERATION_STATES: Mapping[ReconsiderationState, str] = {
    ReconsiderationState.OPEN: "Open",
    ReconsiderationState.UPHELD: "Upheld",
    ReconsiderationState.OVERTURNED: "Overturned",
    ReconsiderationState.CLOSED: "Closed",
}
CASE_STATES: Mapping[CaseState, str] = {
    CaseState.OPEN: "Open",
    CaseState.ASSIGNED: "In work",
    CaseState.AWAITING_APPLICANT: "Awaiting applicant",
    CaseState.AWAITING_SECOND_APPROVAL: "Awaiting second approval",
    CaseState.RESOLVED: "Resolved",
    CaseState.WITHDRAWN: "Withdrawn",
    CaseState.EXPIRED: "Expired",
}
OVERRIDE_TYPES: Mapping[OverrideType, str] = {
    OverrideType.AGREED: "Agreed with the system",
    OverrideType.LOW_SIDE: "Low-side override",
    OverrideType.HIGH_SIDE: "High-side override",
    OverrideType.POLICY_EXCEPTION: "Policy exception",
}
NOTICE_KINDS: Mapping[NoticeKind, str] = {
    NoticeKind.ADVERSE_ACTION: "Adverse action",
    NoticeKind.COUNTER_OFFER: "Counter-offer",
    NoticeKind.INCOMPLETE: "Incomplete application",
}
NOTICE_STATES: Mapping[NoticeState, str] = {
    NoticeState.DUE: "Due",
    NoticeState.ISSUED: "Issued",
    NoticeState.DELIVERED: "Delivered",
    NoticeState.CANCELLED: "Cancelled",
}
NOTICE_CAUSES: Mapping[NoticeCause, str] = {
    NoticeCause.DECISION: "The system declined the application",
    NoticeCause.FINAL_DECISION: "A person decided",
    NoticeCause.INFORMATION_REQUESTED: "The applicant was asked for information",
    NoticeCause.CASE_EXPIRED: "The applicant did not answer in time, so the application was closed",
    NoticeCause.APPLICATION_CLOSED: "The application was closed: the applicant did not provide information",
}
DELIVERY_METHODS: Mapping[DeliveryMethod, str] = {
    DeliveryMethod.MAIL: "Mail",
    DeliveryMethod.EMAIL: "Email",
    DeliveryMethod.ONLINE: "The applicant's online account",
    DeliveryMethod.IN_PERSON: "In person",
    DeliveryMethod.OTHER: "Other",
}
OVERRIDES: Mapping[OverrideType, str] = {
    OverrideType.AGREED: "None: agrees with the system",
    OverrideType.LOW_SIDE: "Low-side: approved at a PD that the policy does not approve",
    OverrideType.HIGH_SIDE: "High-side: declined at a PD that the policy approves",
    OverrideType.POLICY_EXCEPTION: "Policy exception: approved although a rule is not met",
}
OUTCOME_MEANINGS: Mapping[Outcome, str] = {
    Outcome.APPROVED: "Meets policy as requested.",
    Outcome.REFERRED: "Needs underwriter review.",
    Outcome.DECLINED: "Does not meet lending policy.",
}
CONFIDENCES: Mapping[Confidence, str] = {
    Confidence.HIGH: "High",
    Confidence.MEDIUM: "Medium",
    Confidence.LOW: "Low",
}


def channel_label(name: str) -> str:
    return CHANNELS.get(name, name)
