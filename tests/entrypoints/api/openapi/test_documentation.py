"""The description of the API tells the truth."""

import re

import msgspec
import pytest

from domain.access.user import Role
from entrypoints.api.decisions import schemas as answers
from entrypoints.api.decisions.loan_application_body import EXAMPLE, LoanApplicationBody
from entrypoints.api.http.problems import Problem
from entrypoints.api.monitoring.schemas import OverviewResponse
from entrypoints.api.openapi.documentation import openapi
from entrypoints.api.openapi.documented_examples import (
    COUNTERFACTUAL,
    DECISION,
    FAULTY_APPLICATION,
    ON_RECORD,
    OVERVIEW,
    REPRODUCTION,
)

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(service):
    return service.client.get("/schema").json()


def operations(document):
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from references(child)


def test_it_is_served_without_a_token_at_both_paths(service, document):
    response = service.client.get("/schema/openapi.json")
    assert response.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert response.json() == document == openapi("1.2.3")
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == "1.2.3"


def test_every_route_is_described_and_nothing_else(service, document):
    app = service.client.app
    routes = {re.sub(r"{(\w+):\w+}", r"{\1}", route.path) for route in app.routes}
    assert set(document["paths"]) == routes


def test_every_reference_leads_somewhere(document):
    found = set(references(document))
    assert found
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_operation_is_named_once_and_has_answers(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document["tags"]}
    for path, _, operation in operations(document):
        assert operation["responses"]
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        in_path = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))


def test_every_error_is_described_as_a_problem(document):
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400 and path != "/health/ready":
                [(media_type, content)] = response["content"].items()
                assert media_type == "application/problem+json"
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_what_needs_a_token_says_so(document):
    secured = {path for path, _, operation in operations(document) if operation.get("security") == [{"token": []}]}
    batches = {f"/api/v1/batches{rest}" for rest in ("", "/{batch_id}")}
    batches |= {f"/api/v1/batches/{{batch_id}}/{what}" for what in ("results", "errors", "cancel")}
    decisions = {"/api/v1/predictions", "/api/v1/decisions", "/api/v1/decisions/{decision_id}"}
    decisions |= {f"/api/v1/decisions/{{decision_id}}/{what}" for what in ("reproduction", "counterfactual")}
    decisions |= {"/api/v1/overview"}
    webhooks = {"/api/v1/webhooks/secret", "/api/v1/webhooks/dead-letters"}
    assert secured == decisions | batches | webhooks


def test_limits_and_words_of_the_body_are_described(document):
    schema = document["components"]["schemas"]["LoanApplicationBody"]
    properties = schema["properties"]
    assert (properties["dti"]["minimum"], properties["dti"]["maximum"]) == (0, 999)
    assert properties["term"]["enum"] == ["36 months", "60 months"]
    assert set(schema["required"]) == set(EXAMPLE) - {"revol_util"}
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("example", "struct"),
    [
        (EXAMPLE, LoanApplicationBody),
        (DECISION, answers.DecisionResponse),
        (ON_RECORD, answers.RecordedDecision),
        (REPRODUCTION, answers.ReproductionResponse),
        (COUNTERFACTUAL, answers.CounterfactualResponse),
        (OVERVIEW, OverviewResponse),
        (FAULTY_APPLICATION, Problem),
    ],
)
def test_examples_are_what_the_structs_say(example, struct):
    whole = msgspec.convert(example, type(f"Strict{struct.__name__}", (struct,), {}, forbid_unknown_fields=True))
    assert set(msgspec.to_builtins(whole)) == set(example)


def test_the_example_can_be_posted_and_is_answered_in_the_shape_of_the_example(service, document):
    post = document["paths"]["/api/v1/predictions"]["post"]
    example = post["requestBody"]["content"]["application/json"]["example"]
    answer = service.client.post("/api/v1/predictions", json=example, headers=service.as_(Role.SERVICE))
    described = post["responses"]["200"]["content"]["application/json"]["example"]
    assert answer.json().keys() == described.keys()
    assert answer.json()["prediction"].keys() == described["prediction"].keys()


def test_the_example_of_a_problem_is_what_is_really_answered(service):
    told = service.ask(home_ownership="rent", fico_range_low=700, fico_range_high=600).json()
    assert told | {"request_id": ""} == FAULTY_APPLICATION | {"request_id": ""}
