"""Examples of referral cases for the OpenAPI document."""

from typing import Any

_CASE_ID = "01a20934-a7ba-7f69-ba54-405ad833ce18"

CASE: dict[str, Any] = {
    "case_id": _CASE_ID,
    "decision_id": _CASE_ID,
    "state": "assigned",
    "version": 2,
    "etag": '"2"',
    "opened_at": "2026-11-23T16:19:35.482989Z",
    "due_at": "2026-11-25T16:19:35.482989Z",
    "request_due_at": None,
    "overdue": False,
    "breached_at": None,
    "amount": 10000.0,
    "grade": "D",
    "reasons": ["OBLIGATIONS", "INQUIRIES"],
    "requested_by": "broker-portal",
    "application_reference": "A-1042",
    "applicant_reference": "P-7",
    "assignee": "uma",
    "assigned_at": "2026-11-24T08:01:12.003101Z",
    "lease_until": "2026-11-24T08:21:40.711200Z",
    "proposed_by": None,
    "awaiting_since": None,
    "answer_by": None,
    "ended_at": None,
    "changed_at": "2026-11-24T08:06:40.711200Z",
    "changed_by": "uma",
    "synthetic": False,
}
NOTE: dict[str, Any] = {
    "number": 2,
    "action_id": "01a20f0c-5b47-7c09-9c1e-0d6a3a5f2b11",
    "at": "2026-11-24T08:06:40.711200Z",
    "by": "uma",
    "role": "underwriter",
    "action": "case note added",
    "details": {"text": "Employer confirmed the income by telephone."},
}
NOTE_BODY = {"text": "Employer confirmed the income by telephone."}
REQUEST_BODY = {"text": "Please send the pay slips of the last two months."}
ANSWER_BODY = {"text": "Two pay slips received; income as stated."}
REASSIGNMENT_BODY = {"to": "uma"}
RESOLUTION_BODY = {
    "outcome": "counter_offer",
    "reason": "AFFORDABLE_AT_OTHER_TERMS",
    "text": "The instalment is affordable at this amount.",
    "amount": 7500.0,
    "term": 36,
    "documents": [{"type": "payslip", "date": "2026-11-01", "sha256": "9f" * 32}],
    "conditions": ["Pay off the credit card"],
}
SECOND_APPROVAL_BODY = {"approve": True, "text": "Payslips seen."}
CONDITION_BODY = {"state": "waived", "reason": "Known at the branch for years."}
OWN_VIEW_BODY = {"outcome": "approved", "text": "Stable income, little debt."}
QUALITY_REVIEW_BODY = {"outcome": "declined", "text": "The income is not proven."}
REVIEW_BODY = {"reason": "The applicant sent new payslips."}
LOAN = {"amount": 7500.0, "term": 36, "grade": "C", "annual_rate": 0.109, "instalment": 245.19}
