"""Upgrades of the content of decisions' documents, one for each earlier schema."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from domain.policies.stored_policy import PRODUCT_OF_SCHEMA_1
from domain.products.personal_loan import SCHEMA_1_PATHS


def from_schema_1(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schema 2 names the product, and has the applicant's fields by name, money in dollars."""
    application = content["application"]
    applicant = {name: _value_at(application["applicant"], path) for name, path in SCHEMA_1_PATHS.items()}
    product = {"name": PRODUCT_OF_SCHEMA_1.name, "version": PRODUCT_OF_SCHEMA_1.version}
    upgraded = {"product": product, "terms": application["terms"], "applicant": applicant}
    return {**content, "application": upgraded}


def from_schema_2(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schema 3 names how an application arrived; `channel` is the caller's own, a part of the identity.

    It has the half width of the prediction's interval, how many reasons are those of rules, the outcome stability
    and the alternative. Earlier documents have none of them.
    """
    prediction = {**content["prediction"], "half_width": None}
    decision = {**content["decision"], "reasons_of_rules": None, "outcome_stability": None, "alternative": None}
    upgraded = {**content, "prediction": prediction, "decision": decision}
    return {
        ("received_through" if name == "channel" else name): value
        for name, value in upgraded.items()
        if name not in {"identity", "trial"}
    }


def from_schema_3(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schema 4 may state what the decision supersedes, its circumstances, and when its case is due."""
    added = {"supersedes", "supersedes_reason", "circumstances", "case_due_at", "applicant_number"}
    return {name: value for name, value in content.items() if name not in added}


def _value_at(applicant: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = reduce(lambda content, step: content[step], path, applicant)
    return found / 100 if path[-1] == "cents" else found
