"""The example of override figures in the OpenAPI document: two cases of one officer."""

from typing import Any

_RATE = {"count": 1, "total": 2, "rate": 0.5, "low": 0.0945, "high": 0.9055}


def _group(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "decisions": 2,
        "agreed": 1,
        "low_side": 1,
        "high_side": 0,
        "policy_exception": 0,
        "counter_offers": 1,
        "overrides": _RATE,
    }


OVERRIDES: dict[str, Any] = {
    "as_of": "2026-12-01T00:00:00Z",
    "from": "2026-11-01T00:00:00Z",
    "to": "2026-12-01T00:00:00Z",
    "total": _group(""),
    "officers": [_group("ursula")],
    "reasons": [_group("COMPENSATING_FACTORS")],
    "grades": [_group("D")],
    "purposes": [_group("debt_consolidation")],
    "sources": [_group("loan-origination")],
    "second_approvals": 1,
    "second_approvals_refused": 0,
    "breaches": 0,
    "own_views_agreed": {"count": 0, "total": 0, "rate": None, "low": None, "high": None},
    "quality_disagreed": {"count": 0, "total": 0, "rate": None, "low": None, "high": None},
    "dwell_seconds": {"median": 754.25, "ninetieth_percentile": 1210.5},
    "newest": [
        {
            "decision_id": "01936e5a-7c00-7000-8000-0123456789ab",
            "case_id": "01936e5a-7c00-7000-8000-0123456789ab",
            "decided_at": "2026-11-27T14:05:11Z",
            "system_outcome": "referred",
            "outcome": "approved",
            "override": "low_side",
            "reason": "COMPENSATING_FACTORS",
            "officer": "ursula",
            "checker": "selma",
            "grade": "D",
        }
    ],
}
