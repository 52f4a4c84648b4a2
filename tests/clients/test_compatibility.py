"""Clients of every release work with the API as it is now."""

import copy
import json
from pathlib import Path

import pytest

from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.api.routes import openapi_document
from entrypoints.composition.observability import VERSION
from support.openapi_compatibility import breaking_changes
from support.paths import PROJECT

CONTRACTS = sorted((PROJECT / "clients" / "contracts").glob("*.json"))


@pytest.fixture
def document():
    return json.loads(json.dumps(openapi_document(VERSION, PERSONAL_LOAN)))


def test_there_is_a_contract_to_compare_with():
    assert CONTRACTS


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda path: path.stem)
def test_the_api_keeps_the_contract_of_each_release(contract: Path, document):
    assert breaking_changes(json.loads(contract.read_text()), document) == []


def application(document):
    return document["components"]["schemas"]["LoanApplicationBody"]


def prediction(document):
    return document["components"]["schemas"]["Prediction"]


def predict(document):
    return document["paths"]["/api/v1/predictions"]["post"]


def batch(document):
    return document["components"]["schemas"]["BatchResponse"]["properties"]


def form(document):
    return document["components"]["schemas"]["TokenRequest"]


def submit(document):
    return document["paths"]["/api/v1/batches"]["post"]


BREAKING = {
    "an operation is removed": lambda d: d["paths"].pop("/api/v1/overview"),
    "an operation is renamed": lambda d: predict(d).update(operationId="decide"),
    "a parameter is removed": lambda d: predict(d)["parameters"].clear(),
    "a parameter becomes required": lambda d: predict(d)["parameters"][0].update(required=True),
    "a required parameter is added": lambda d: predict(d)["parameters"].append(
        {"name": "product", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "a response is removed": lambda d: predict(d)["responses"].pop("422"),
    "another media type is written": lambda d: predict(d)["responses"]["200"].update(content={}),
    "another media type is read": lambda d: predict(d)["requestBody"].update(content={}),
    "an application has a new required field": lambda d: (
        application(d)["required"].append("age"),
        application(d)["properties"].update(age={"type": "integer"}),
    ),
    "an application's limit is narrowed": lambda d: application(d)["properties"]["dti"].update(maximum=50),
    "an application's value is not allowed any more": lambda d: application(d)["properties"]["term"]["enum"].pop(),
    "a field of the response may be missing": lambda d: prediction(d)["required"].remove("outcome"),
    "a field of the response has another type": lambda d: prediction(d)["properties"]["grade"].update(
        type="integer"
    ),
    "a field of the response may be null": lambda d: prediction(d)["properties"].update(
        grade={"anyOf": [prediction(d)["properties"]["grade"], {"type": "null"}]}
    ),
    "a field of the response may have any type": lambda d: prediction(d)["properties"].update(grade={}),
    "a list of the response has other items": lambda d: prediction(d)["properties"]["failed_rules"].update(
        items={"type": "integer"}
    ),
    "a nullable time of the response may be a truth value": lambda d: batch(d).update(
        started_at={"type": "boolean"}
    ),
    "a time of the response has another format": lambda d: batch(d)["submitted_at"].update(format="date"),
    "another successful status may occur": lambda d: predict(d)["responses"].update({"202": {}}),
    "a header of the response is removed": lambda d: submit(d)["responses"]["202"]["headers"].pop("Location"),
    "credentials are required": lambda d: d["paths"]["/health/live"]["get"].update(security=[{"token": []}]),
    "other credentials are required": lambda d: predict(d).update(security=[{"key": []}]),
    "both credentials are required": lambda d: predict(d).update(security=[{"token": [], "key": []}]),
    "a default is changed": lambda d: submit(d)["parameters"][1]["schema"].update(default="loans"),
    "a pattern is narrowed": lambda d: submit(d)["parameters"][1]["schema"].update(pattern="^[a-z]*$"),
    "a format is required": lambda d: predict(d)["parameters"][0]["schema"].update(format="uuid"),
    "an application's field is not read any more": lambda d: application(d)["properties"].pop("revol_util"),
    "an application's field may not be null any more": lambda d: application(d)["properties"].update(
        revol_util={"type": "number"}
    ),
    "a choice of an application is of another type": lambda d: application(d)["properties"].update(
        term={"type": "integer"}
    ),
    "other fields are not accepted any more": lambda d: form(d).update(additionalProperties=False),
    "a body is required": lambda d: d["paths"]["/health/live"]["get"].update(requestBody={"required": True}),
    "a new outcome may occur": lambda d: prediction(d)["properties"]["outcome"]["enum"].append("deferred"),
}


@pytest.mark.parametrize("change", BREAKING)
def test_a_breaking_change_is_found(change, document):
    new = copy.deepcopy(document)
    BREAKING[change](new)
    assert new != document
    assert breaking_changes(document, new) != []


COMPATIBLE = {
    "an optional parameter": lambda d: predict(d)["parameters"].append(
        {"name": "product", "in": "query", "schema": {"type": "string"}}
    ),
    "an optional field of the application": lambda d: application(d)["properties"].update(age={"type": "integer"}),
    "a field of the response": lambda d: (
        prediction(d)["properties"].update(stability={"type": "number"}),
        prediction(d)["required"].append("stability"),
    ),
    "a wider limit": lambda d: application(d)["properties"]["dti"].update(maximum=5000),
    "another path": lambda d: d["paths"].update({"/api/v2/predictions": d["paths"]["/api/v1/predictions"]}),
    "another security that suffices": lambda d: predict(d).update(security=[{"token": []}, {"key": []}]),
    "no credentials any more": lambda d: predict(d).update(security=[]),
    "a further error": lambda d: predict(d)["responses"].update({"418": {}}),
    "a pattern is dropped": lambda d: submit(d)["parameters"][1]["schema"].pop("pattern"),
    "a value that was nullable is always given": lambda d: batch(d).update(
        started_at={"type": "string", "format": "date-time"}
    ),
    "another text": lambda d: predict(d).update(summary="Decide"),
}


@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_compatible_change_is_accepted(change, document):
    new = copy.deepcopy(document)
    COMPATIBLE[change](new)
    assert new != document
    assert breaking_changes(document, new) == []
