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
