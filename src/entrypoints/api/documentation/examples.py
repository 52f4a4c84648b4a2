"""Examples for the OpenAPI document, with the fields of the product; tests compare them with real responses."""

from typing import Any

from msgspec import to_builtins

from domain.products.fields import ChoiceField, NumberField
from domain.products.levers import LeverKind
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.application_errors import check_members
from entrypoints.api.http.problems import PROBLEM_TYPE

_DECISION_ID = "01a20934-a7ba-7f69-ba54-405ad833ce18"
_TIMESTAMP = "2026-11-23T16:19:35.482989Z"

PREDICTION: dict[str, Any] = {
    "prediction": 0,
    "probability": 0.8789480720355489,
    "confidence": "medium",
    "recommended_amount": 10000.0,
    "risk_score": 12.105192796445108,
    "model_version": "1.2.0",
    "probability_of_default": 0.12105192796445108,
    "probability_of_default_interval": {"low": 0.09690991231187118, "high": 0.15020783404334564},
    "outcome": "approved",
    "score_points": 544,
    "grade": "D",
    "reasons": [],
    "rule_reasons": [],
    "score_reasons": [],
    "failed_rules": [],
    "policy_version": "3",
    "decision_id": _DECISION_ID,
    "out_of_domain": [],
    "annual_rate": 0.122,
    "instalment": 333.1,
    "outcome_stability": 0.8648422592811267,
    "alternative": None,
}
"""The prediction as a service sees it, without what drove the score."""

DECISION: dict[str, Any] = {
    "success": True,
    "prediction": PREDICTION,
    "processing_time_ms": 0.87937,
    "request_id": _DECISION_ID,
    "timestamp": _TIMESTAMP,
}

APPLICATION: dict[str, Any] = {
    "application_id": _DECISION_ID,
    "decision_id": _DECISION_ID,
    "state": "accepted",
    "synthetic": False,
    "expires_at": None,
    "offer": {
        "amount": 10000.0,
        "minimum_amount": 1000.0,
        "term": 36,
        "annual_rate": 0.122,
        "expires_at": "2026-12-23T16:19:35.482989Z",
        "final_decision_id": None,
    },
    "amount": 10000.0,
    "term": 36,
    "requested_by": "broker-portal",
    "application_reference": "LN-4711",
    "applicant_reference": "C-0815",
    "source": "broker-portal",
    "decisions": [
        {
            "decision_id": _DECISION_ID,
            "timestamp": _TIMESTAMP,
            "requested_by": "broker-portal",
            "outcome": "approved",
            "amount": 10000.0,
            "supersedes": None,
            "supersedes_reason": None,
            "superseded_by": None,
            "problem": None,
        }
    ],
    "cases": [],
    "final_decisions": [],
    "acceptance": {
        "amount": 8000.0,
        "offered_amount": 10000.0,
        "accepted_at": "2026-11-24T09:12:03.210000Z",
        "accepted_by": "broker-portal",
        "final_decision_id": None,
    },
    "withdrawal": None,
    "etag": '"1.0.0.1.accepted"',
}
"""An application whose approval was accepted for less."""

WHAT_IF: dict[str, Any] = {
    "what_if": True,
    "prediction": {
        "outcome": "approved",
        "probability_of_default": 0.12105192796445108,
        "probability_of_default_interval": {"low": 0.09690991231187118, "high": 0.15020783404334564},
        "confidence": "medium",
        "outcome_stability": 0.8648422592811267,
        "score_points": 544,
        "grade": "D",
        "annual_rate": 0.122,
        "instalment": 333.1,
        "recommended_amount": 10000.0,
        "alternative": None,
        "reasons": [],
        "rule_reasons": [],
        "score_reasons": [],
        "failed_rules": [],
        "out_of_domain": [],
        "model_version": "1.2.0",
        "policy_version": "3",
    },
    "versions": "decision",
    "changed_decision_id": _DECISION_ID,
    "model_fingerprint": "ccc65617f69ba8f685def61366db6ad9d8d52f2f67f06034bb93c6a298cbd9aa",
    "policy_fingerprint": "06580b47a29da28b094140d1d461695412fa7f8bd64958ca5c36bca2016a2d78",
}

_MODEL_FINGERPRINT = "ccc65617f69ba8f685def61366db6ad9d8d52f2f67f06034bb93c6a298cbd9aa"

REPRODUCTION: dict[str, Any] = {
    "decision_id": _DECISION_ID,
    "identical": True,
    "fields_compared": 31,
    "differences": [],
    "model_version": "1.2.0",
    "model_fingerprint": _MODEL_FINGERPRINT,
    "policy_version": "3",
    "policy_fingerprint": "06580b47a29da28b094140d1d461695412fa7f8bd64958ca5c36bca2016a2d78",
}

_OVERVIEW: dict[str, Any] = {
    "as_of": "2026-11-23T18:30:43.400781Z",
    "from": "2026-11-22T00:00:00Z",
    "to": "2026-11-22T02:00:00Z",
    "decisions": 4,
    "outcomes": {"approved": 2, "referred": 1, "declined": 1},
    "shares": {"approved": 0.5, "referred": 0.25, "declined": 0.25},
    "final_outcomes": {"approved": 2, "counter_offer": 1, "declined": 1, "undecided": 0, "by_people": 1},
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
    "cut_offs": {"policy_version": "3", "approve_below": 0.14, "decline_from": 0.21},
    "deciding_cut_offs": [{"policy_version": "3", "approve_below": 0.14, "decline_from": 0.21}],
    "versions": [
        {
            "model_version": "1.2.0",
            "policy_version": "3",
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


def recorded_decision(product: ProductDefinition) -> dict[str, Any]:
    """A recorded decision on the product's example, as a service sees it."""
    return {
        "prediction": PREDICTION,
        "request_id": _DECISION_ID,
        "timestamp": _TIMESTAMP,
        "application": dict(product.example),
        "requested_by": "broker-portal",
        "channel": "api",
        "model_fingerprint": _MODEL_FINGERPRINT,
        "product": {"name": product.name, "version": product.version},
        "received_through": "api",
        "trial": False,
        "synthetic": False,
        "supersedes": None,
        "supersedes_reason": None,
        "superseded_by": None,
        "final_outcome": None if PREDICTION["outcome"] == "referred" else PREDICTION["outcome"],
        "final_decision": None,
    }


def counterfactual(product: ProductDefinition) -> dict[str, Any]:
    """One change of the product's example by each lever that needs no knowledge of the policy."""
    changes = []
    for lever in product.levers:
        given = product.example.get(lever.field)
        if isinstance(given, int | float) and lever.kind is LeverKind.STEPS_UP:
            changes.append((lever.field, given, min(given + 2 * lever.step, lever.maximum)))
        elif isinstance(given, int | float) and lever.kind is LeverKind.WHOLE_NUMBERS_BELOW:
            changes.append((lever.field, given, given // 2))
    proposed = [
        {"field": field, "given": given, "instead": instead}
        for field, given, instead in changes
        if instead != given
    ]
    return {
        "decision_id": _DECISION_ID,
        "outcome": "referred",
        "counterfactuals": [
            {
                "changes": [change],
                "probability_of_default": 0.1395136837728835,
                "grade": "D",
                "annual_rate": 0.122,
                "instalment": 333.1,
            }
            for change in proposed[:3]
        ],
        "note": "The model and policy of this decision would approve each of these changes, with everything else "
        "the same. This is not an offer; a new application is assessed from scratch.",
        "model_version": PREDICTION["model_version"],
        "policy_version": PREDICTION["policy_version"],
    }


def invalid_application(product: ProductDefinition) -> dict[str, Any]:
    """The problem of an application with a misspelled choice and a number out of range."""
    choice = [field for field in product.fields if isinstance(field, ChoiceField)][-1]  # a term at least
    number = [field for field in product.fields if isinstance(field, NumberField)][-1]  # an amount at least
    wrong = {choice.name: choice.choices[0][:-1], number.name: int(number.minimum) - 1}
    errors = check_members((dict(product.example) | wrong).items(), product).errors
    return {
        "type": PROBLEM_TYPE + "invalid-application",
        "title": "Invalid loan application",
        "status": 422,
        "detail": f"{len(errors)} validation errors",
        "instance": "/api/v1/predictions",
        "request_id": "5a2e9c1a-6f0c-4d5e-9f9b-3f1f0e3c2b11",
        "errors": [to_builtins(error) for error in errors],
    }


def overview(product: ProductDefinition) -> dict[str, Any]:
    """The overview of two hours, with a reason of the product."""
    code = product.characteristics[-1].reason
    reasons = [{"code": code, "text": product.reasons[code], "decisions": 2, "share": 0.5}]
    return _OVERVIEW | {"reasons": reasons, "before": None}
