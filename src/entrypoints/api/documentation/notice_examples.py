"""Examples of notices for the OpenAPI document."""

from typing import Any

_NOTICE_ID = "01a20934-a7ba-7f69-ba54-405ad833ce18"
NOTICE: dict[str, Any] = {
    "notice_id": _NOTICE_ID,
    "kind": "adverse_action",
    "cause": "decision",
    "state": "issued",
    "version": 1,
    "etag": '"1"',
    "decision_id": _NOTICE_ID,
    "application_id": _NOTICE_ID,
    "received_at": "2026-11-23T16:52:01.210112Z",
    "due_at": "2026-12-24T05:00:00Z",
    "overdue": False,
    "requested_by": "los",
    "application_reference": "LN-2026/001742",
    "applicant_reference": "P-88120",
    "source": None,
    "synthetic": False,
    "issued_at": "2026-11-25T10:02:11.104000Z",
    "delivered_on": None,
    "returned_on": None,
    "changed_at": "2026-11-25T10:02:11.104000Z",
    "changed_by": "carla",
}
ISSUED: dict[str, Any] = {
    "number": 1,
    "action_id": "01a2134b-1c80-7b52-8f0c-6d1f0b7a9c22",
    "at": "2026-11-25T10:02:11.104000Z",
    "by": "carla",
    "role": "compliance",
    "action": "notice issued",
    "details": {
        "notice_kind": "adverse_action",
        "decision_id": _NOTICE_ID,
        "final_decision_id": None,
        "received_at": "2026-11-23T16:52:01.210112Z",
        "due_at": "2026-12-24T05:00:00Z",
        "reasons": ["EXCESSIVE_OBLIGATIONS", "REVOLVING_CREDIT"],
        "html_sha256": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        "pdf_sha256": "9b74c9897bac770ffc029102a200c5de9b1a3c3d9f3bfa2e3a1e2a1bb7a2a7a8",
    },
}
ISSUE_BODY: dict[str, Any] = {
    "addressee": {"name": "Maria Alvarez", "address": ["12 Elm Street, Apt. 4", "Springfield, IL 62702"]}
}
DELIVERY_BODY: dict[str, Any] = {
    "method": "mail",
    "on": "2026-11-25",
    "returned": False,
    "text": "First class, tracking no. 9400 1000 0000",
}
