"""Examples of outcomes of loans for the OpenAPI document; tests compare them with real responses."""

from typing import Any

_DECISION_ID = "01a20934-a7ba-7f69-ba54-405ad833ce18"

OUTCOME_BODY: dict[str, Any] = {
    "status": "performing",
    "as_of": "2026-10-31",
    "booked_on": "2026-01-15",
    "outstanding": 7412.5,
    "paid": 2997.9,
}
_OUTCOME: dict[str, Any] = {
    "outcome_id": "01a2e1c0-51f2-7d0e-8f47-1c9c0c2a7b10",
    "application_id": _DECISION_ID,
    "number": 1,
    "status": "performing",
    "as_of": "2026-10-31",
    "booked_on": "2026-01-15",
    "days_past_due": None,
    "outstanding": 7412.5,
    "paid": 2997.9,
    "charged_off": None,
    "recovered": None,
    "corrects": None,
    "corrected_by": None,
    "reason": "",
    "recorded_at": "2026-11-02T06:00:12.003210Z",
    "recorded_by": "broker-portal",
}
LOAN: dict[str, Any] = {
    "application_id": _DECISION_ID,
    "decision_id": _DECISION_ID,
    "amount": 10000.0,
    "status": "performing",
    "as_of": "2026-10-31",
    "booked_on": "2026-01-15",
    "closed_on": None,
    "defaulted_on": None,
    "matures_on": "2027-01-15",
    "label": "immature",
    "probability_of_default": 0.12105192796445108,
    "synthetic": False,
    "outcomes": [_OUTCOME],
    "etag": '"1"',
}
RECORDED: dict[str, Any] = {"outcome": _OUTCOME, "repeated": False, "loan": LOAN}
IMPORT: dict[str, Any] = {
    "import_id": "01a2e1c4-9a11-7c55-9d3b-8a0f4f1f6e21",
    "name": "october.csv",
    "state": "done",
    "progress": {"share_done": 1.0, "rows_read": 1000, "recorded": 990, "repeated": 8, "refused": 2},
    "as_of": None,
    "submitted_at": "2026-11-02T06:00:00.120000Z",
    "started_at": "2026-11-02T06:00:00.410000Z",
    "finished_at": "2026-11-02T06:00:01.870000Z",
    "requested_by": "broker-portal",
    "size": 61234,
    "sha256": "06580b47a29da28b094140d1d461695412fa7f8bd64958ca5c36bca2016a2d78",
    "fault": None,
}
_MATURE: dict[str, Any] = {
    "month": "2025-03-01",
    "loans": 412,
    "mature": 405,
    "immature": 7,
    "defaults": 43,
    "complete": True,
    "expected": 0.098214,
    "observed": 0.106173,
    "observed_low": 0.079783,
    "observed_high": 0.139943,
}
_IMMATURE: dict[str, Any] = {
    "month": "2026-08-01",
    "loans": 380,
    "mature": 21,
    "immature": 359,
    "defaults": 6,
    "complete": False,
    "expected": 0.101377,
    "observed": 0.015789,
    "observed_low": 0.007253,
    "observed_high": 0.034024,
}
VINTAGES: dict[str, Any] = {
    "as_of": "2026-11-02T06:00:00Z",
    "months": 36,
    "synthetic": False,
    "total": _MATURE,
    "vintages": [_MATURE, _IMMATURE],
}
