"""Examples of webhook subscriptions for the OpenAPI document."""

from typing import Any

_URL = "https://portal.example/hooks/scoring"
_EVENTS = ["decision.recorded", "case.resolved"]
NEW_SUBSCRIPTION: dict[str, Any] = {"url": _URL, "events": _EVENTS}
SUBSCRIPTION: dict[str, Any] = {
    "subscription_id": "01a28c3e-9b1f-7a3c-8d4e-5f60718293a4",
    "url": _URL,
    "events": _EVENTS,
    "created_at": "2026-11-29T09:14:02.118204Z",
    "last_delivered_at": "2026-11-29T09:20:11.503310Z",
    "failing_since": None,
    "last_fault": None,
    "pending": 0,
    "undelivered": 0,
}
UNDELIVERED: dict[str, Any] = {
    "delivery_id": "7d0e2f1a-3b4c-4d5e-8f60-a1b2c3d4e5f6",
    "event": "decision.recorded",
    "subject": "01a28c44-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
    "occurred_at": "2026-11-29T09:20:10.991200Z",
    "attempts": 24,
    "last_fault": "the response had status 503",
}
FINAL_DECISION: dict[str, Any] = {
    "final_decision_id": "01a28c51-77aa-7d10-9f00-31d9a2a4c7b1",
    "case_id": "01a20934-a7ba-7f69-ba54-405ad833ce18",
    "outcome": "counter_offer",
    "decided_at": "2026-11-29T09:20:10.991200Z",
    "amount": 7500.0,
    "term": 36,
    "annual_rate": 0.109,
    "instalment": 245.19,
    "reason": "COUNTER_OFFER",
    "reason_text": "A smaller loan is within policy",
    "conditions": [{"number": 1, "text": "Pay slips of the last two months."}],
    "previous": None,
}
APPLICATION: dict[str, Any] = {
    "application_id": "01a20934-a7ba-7f69-ba54-405ad833ce18",
    "decision_id": "01a28c44-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
    "state": "approved",
    "expires_at": "2026-12-29T09:20:10.991200Z",
    "amount": 10000.0,
    "term": 36,
    "outcome": "approved",
    "decided_at": "2026-11-29T09:20:10.991200Z",
    "decisions": 2,
    "requested_by": "broker-portal",
    "application_reference": "LN-4711",
    "applicant_reference": "C-0815",
    "source": "broker-portal",
    "synthetic": False,
}
