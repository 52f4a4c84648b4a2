"""Examples for the OpenAPI document; tests compare them with real responses."""

from typing import Any

from entrypoints.api.decisions.loan_application_body import EXAMPLE
from entrypoints.api.http.problems import PROBLEM_TYPE

_DECISION_ID = "01a20934-a7ba-7f69-ba54-405ad833ce18"
_TIMESTAMP = "2026-11-23T16:19:35.482989Z"

PREDICTION: dict[str, Any] = {
    "prediction": 0,
    "probability": 0.8789480720355489,
    "confidence": "low",
    "recommended_amount": 10000.0,
    "risk_score": 12.105192796445108,
    "model_version": "1.0.1",
    "probability_of_default": 0.12105192796445108,
    "probability_of_default_interval": {"low": 0.09690682197695924, "high": 0.1502123414124643},
    "outcome": "approved",
    "score_points": 544,
    "grade": "D",
    "reasons": [],
    "failed_rules": [],
    "policy_version": "1",
    "decision_id": _DECISION_ID,
    "out_of_domain": [],
    "annual_rate": 0.122,
    "instalment": 333.1,
}
"""The prediction as a service sees it, without what drove the score."""

EXPLAINED: dict[str, Any] = {
    **PREDICTION,
    "log_odds": -1.9825062094912482,
    "base": -1.9813195968131652,
    "contributions": {
        "annual_inc": 0.040707183100749944,
        "emp_length": -0.03369389277381174,
        "home_ownership": -0.040337660125857155,
        "loan_amnt": 0.02048024070566612,
        "term": -0.09030357033117298,
        "purpose": -0.06460631051442078,
        "fico_range_low": 0.14353042441291564,
        "dti": 0.028229143961226555,
        "revol_util": -0.15705765383822268,
        "inq_last_6mths": 0.16780778943541463,
        "delinq_2yrs": -0.000982652019587249,
        "pub_rec": -0.01495965469098337,
    },
}
"""The prediction as the lender's staff see it."""

DECISION: dict[str, Any] = {
    "success": True,
    "prediction": PREDICTION,
    "processing_time_ms": 0.87937,
    "request_id": _DECISION_ID,
    "timestamp": _TIMESTAMP,
}

RECORDED_DECISION: dict[str, Any] = {
    "prediction": EXPLAINED,
    "request_id": _DECISION_ID,
    "timestamp": _TIMESTAMP,
    "application": EXAMPLE,
    "requested_by": "broker-portal",
    "channel": "api",
    "model_fingerprint": "34dcbffd4b0da5ef574617ff14b82dda9771d07079db7d86386417cc53158373",
}

REPRODUCTION: dict[str, Any] = {
    "decision_id": _DECISION_ID,
    "identical": True,
    "fields_compared": 27,
    "differences": [],
    "model_version": "1.0.1",
    "model_fingerprint": RECORDED_DECISION["model_fingerprint"],
    "policy_version": "1",
    "policy_fingerprint": "34d143e23b50b1cc3e0516b60d6fb0a66d72681f168b5c1ba37fbe00e257fa12",
}

COUNTERFACTUAL: dict[str, Any] = {
    "decision_id": _DECISION_ID,
    "outcome": "referred",
    "counterfactuals": [
        {
            "changes": [{"field": "revol_util", "given": 82.5, "instead": 43.0}],
            "probability_of_default": 0.1395136837728835,
            "grade": "D",
            "annual_rate": 0.122,
            "instalment": 333.1,
        },
        {
            "changes": [{"field": "inq_last_6mths", "given": 2, "instead": 0}],
            "probability_of_default": 0.12592273300124557,
            "grade": "D",
            "annual_rate": 0.122,
            "instalment": 333.1,
        },
        {
            "changes": [{"field": "fico_range_low", "given": 675, "instead": 715}],
            "probability_of_default": 0.13608705000014137,
            "grade": "D",
            "annual_rate": 0.122,
            "instalment": 333.1,
        },
    ],
    "note": "The model and policy of this decision would approve each of these changes, with everything else the "
    "same. This is not an offer; a new application is assessed from scratch.",
    "model_version": "1.0.1",
    "policy_version": "1",
}

INVALID_APPLICATION: dict[str, Any] = {
    "type": PROBLEM_TYPE + "invalid-application",
    "title": "Invalid loan application",
    "status": 422,
    "detail": "2 validation errors",
    "instance": "/api/v1/predictions",
    "request_id": "5a2e9c1a-6f0c-4d5e-9f9b-3f1f0e3c2b11",
    "errors": [
        {
            "field": "home_ownership",
            "problem": "is not an allowed value; did you mean RENT?",
            "allowed": "one of MORTGAGE, RENT, OWN, OTHER, NONE, ANY",
            "value": "rent",
        },
        {
            "field": "fico_range_high",
            "problem": "is below fico_range_low, which is 700",
            "allowed": "a whole number from fico_range_low, 700, to 850",
            "value": 600,
        },
    ],
}

OVERVIEW: dict[str, Any] = {
    "as_of": "2026-11-23T18:30:43.400781Z",
    "from": "2026-11-22T00:00:00Z",
    "to": "2026-11-22T02:00:00Z",
    "decisions": 4,
    "outcomes": {"approved": 2, "referred": 1, "declined": 1},
    "shares": {"approved": 0.5, "referred": 0.25, "declined": 0.25},
    "mean_probability_of_default": 0.135,
    "amount_requested": 48000.0,
    "amount_recommended": 29500.0,
    "step": "hour",
    "course": [
        {"start": "2026-11-22T00:00:00Z", "outcomes": {"approved": 2, "referred": 0, "declined": 1}},
        {"start": "2026-11-22T01:00:00Z", "outcomes": {"approved": 0, "referred": 1, "declined": 0}},
    ],
    "probability_of_default": [
        {"low": 0.07, "high": 0.08, "decisions": 2},
        {"low": 0.16, "high": 0.17, "decisions": 1},
        {"low": 0.23, "high": 0.24, "decisions": 1},
    ],
    "cut_offs": {"policy_version": "1", "approve_below": 0.14, "decline_from": 0.21},
    "reasons": [
        {
            "code": "OBLIGATIONS",
            "text": "Existing debt payments in relation to income",
            "decisions": 2,
            "share": 0.5,
        }
    ],
    "versions": [
        {
            "model_version": "1.0.1",
            "policy_version": "1",
            "outcomes": {"approved": 2, "referred": 1, "declined": 1},
            "mean_probability_of_default": 0.135,
        }
    ],
    "out_of_domain": {"decisions": 1, "share": 0.25},
    "confidence": {
        "high": {"decisions": 2, "share": 0.5},
        "medium": {"decisions": 1, "share": 0.25},
        "low": {"decisions": 1, "share": 0.25},
    },
}
