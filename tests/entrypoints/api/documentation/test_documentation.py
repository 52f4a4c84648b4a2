"""The OpenAPI document describes the API as it is, and /docs shows it without other servers."""

import re

import msgspec
import pytest

from domain.access.user import Role
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.api.applications.schemas import ApplicationResponse
from entrypoints.api.cases import resolution_schemas
from entrypoints.api.cases import schemas as case_schemas
from entrypoints.api.cases.override_schemas import OverridesResponse
from entrypoints.api.decisions import schemas
from entrypoints.api.decisions.loan_application_body import body_type
from entrypoints.api.decisions.what_if import WhatIfResponse
from entrypoints.api.documentation.examples import invalid_application
from entrypoints.api.http.problems import Problem
from entrypoints.api.monitoring.schemas import OverviewResponse
from entrypoints.api.notices import schemas as notice_schemas
from entrypoints.api.outcomes import schemas as outcome_schemas
from entrypoints.api.outcomes.vintage_routes import VintagesResponse
from entrypoints.api.reconsiderations import schemas as reconsideration_schemas
from entrypoints.api.routes import examples_of, openapi_document
from entrypoints.api.webhooks import schemas as webhook_schemas
from entrypoints.configuration.setting_readers import PROJECT

METHODS = {"get", "post", "put", "patch", "delete"}
PAGES = {"/", "/docs", "/docs/{name}", "/schema", "/schema/openapi.json"}
UNSECURED = {"/api/v1/auth/token", "/api/v1/auth/password", "/health/live", "/health/ready"}
INVALID_APPLICATION = invalid_application(PERSONAL_LOAN)
STRUCTS = {
    "LoanApplicationBody": body_type(PERSONAL_LOAN),
    "DecisionResponse": schemas.DecisionResponse,
    "ApplicationResponse": ApplicationResponse,
    "RecordedDecision": schemas.RecordedDecision,
    "WhatIfResponse": WhatIfResponse,
    "ReproductionResponse": schemas.ReproductionResponse,
    "CounterfactualResponse": schemas.CounterfactualResponse,
    "OverviewResponse": OverviewResponse,
    "OverridesResponse": OverridesResponse,
    "VintagesResponse": VintagesResponse,
    **{
        struct.__name__: struct
        for struct in (
            *vars(case_schemas).values(),
            *vars(resolution_schemas).values(),
            *vars(notice_schemas).values(),
            *vars(reconsideration_schemas).values(),
            *vars(webhook_schemas).values(),
            *vars(outcome_schemas).values(),
        )
        if isinstance(struct, type) and issubclass(struct, msgspec.Struct)
    },
}


@pytest.fixture
def document(service):
    return service.client.get("/schema").json()


def operations(document):
    return [
        (path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def nodes(node):
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from nodes(child)


def test_the_document_is_public_at_both_paths(service, document):
    response = service.client.get("/schema/openapi.json")
    assert response.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert response.json() == document == openapi_document("1.2.3", PERSONAL_LOAN)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == "1.2.3"
    assert service.client.head("/schema").status_code == 200


def test_every_route_of_the_api_is_described(service, document):
    routes = {re.sub(r"{(\w+):\w+}", r"{\1}", route.path) for route in service.client.app.routes}
    assert set(document["paths"]) == routes - PAGES


def test_every_reference_resolves(document):
    found = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    assert found
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_operation_has_a_unique_name_a_tag_a_summary_and_responses(document):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document["tags"]}
    for path, operation in operations(document):
        assert operation["responses"]
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        in_path = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        assert all(one["description"] for one in operation.get("parameters", []) if one["in"] != "path")


def test_every_error_response_is_a_problem(document):
    for path, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400 and path != "/health/ready":
                [(media_type, content)] = response["content"].items()
                assert media_type == "application/problem+json"
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_operation_documents_the_problems_of_any_request(document):
    for path, operation in operations(document):
        if not path.startswith("/health/"):
            assert {"400", "414", "429", "431", "500", "503"} <= operation["responses"].keys(), path


def test_every_operation_that_needs_a_token_documents_it(document):
    secured = {path for path, operation in operations(document) if operation.get("security") == [{"token": []}]}
    assert secured == set(document["paths"]) - UNSECURED
    assert (
        document["components"]["securitySchemes"]["token"]["flows"]["password"]["tokenUrl"] == "/api/v1/auth/token"
    )


def test_every_post_that_creates_takes_an_idempotency_key(document):
    for path in (
        "/api/v1/predictions",
        "/api/v1/batches",
        "/api/v1/applications/{application_id}/acceptance",
        "/api/v1/applications/{application_id}/withdrawal",
        "/api/v1/applications/{application_id}/applicant-link",
    ):
        names = {parameter["name"] for parameter in document["paths"][path]["post"]["parameters"]}
        assert {"Idempotency-Key", "X-Request-ID"} <= names


def test_every_schema_has_a_description_and_every_enum_a_type(document):
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description") or "enum" in schema, name
    assert all("type" in node for node in nodes(document) if isinstance(node.get("enum"), list))


def test_limits_and_choices_of_the_application_are_described(document):
    schema = document["components"]["schemas"]["LoanApplicationBody"]
    properties = schema["properties"]
    assert (properties["dti"]["minimum"], properties["dti"]["maximum"]) == (0, 999)
    assert properties["term"]["enum"] == ["36 months", "60 months"]
    assert set(schema["required"]) == set(schema["examples"][0]) - {"revol_util"}
    assert schema["additionalProperties"] is False


def test_query_parameters_are_described_with_their_limits(document):
    parameters = {one["name"]: one for one in document["paths"]["/api/v1/decisions"]["get"]["parameters"]}
    assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert parameters["since"]["schema"] == {"type": "string", "format": "date-time"}
    assert parameters["outcome"]["schema"] == {"$ref": "#/components/schemas/Outcome"}
    [start] = [one for one in document["paths"]["/api/v1/overview"]["get"]["parameters"] if one["name"] == "from"]
    assert start["required"] is True


@pytest.mark.parametrize(
    ("struct", "example"),
    [
        *((STRUCTS[name], example) for name, example in examples_of(PERSONAL_LOAN).items()),
        (Problem, INVALID_APPLICATION),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_examples_have_the_shape_of_their_structs(struct, example):
    strict = type(f"Strict{struct.__name__}", (struct,), {}, forbid_unknown_fields=True)
    assert set(msgspec.to_builtins(msgspec.convert(example, strict))) == set(example)


def test_the_example_can_be_posted_and_gets_a_response_like_the_example(service, document):
    schemas = document["components"]["schemas"]
    [example] = schemas["LoanApplicationBody"]["examples"]
    response = service.client.post("/api/v1/predictions", json=example, headers=service.as_(Role.SERVICE))
    [described] = schemas["DecisionResponse"]["examples"]
    assert response.json().keys() == described.keys()
    assert response.json()["prediction"].keys() == described["prediction"].keys()


def test_the_example_of_a_problem_is_a_real_response(service, document):
    response = service.ask(**{error["field"]: error["value"] for error in INVALID_APPLICATION["errors"]}).json()
    assert response | {"request_id": ""} == INVALID_APPLICATION | {"request_id": ""}
    described = document["paths"]["/api/v1/predictions"]["post"]["responses"]["422"]["content"]
    [shown] = described["application/problem+json"]["examples"].values()
    assert shown["value"] == INVALID_APPLICATION


def test_the_guide_shows_every_endpoint_with_curl_and_python(document):
    guide = (PROJECT / "docs" / "api-guide.md").read_text()
    for path, methods in document["paths"].items():
        for method in METHODS & methods.keys():
            assert f"{method.upper()} {path}`" in guide, path
    for section in guide.split("\n## ")[2:-1]:
        assert "```sh\n" in section, section.partition("\n")[0]
        assert "```python\n" in section, section.partition("\n")[0]


def test_the_home_page_leads_to_the_documentation(service):
    response = service.client.get("/", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, "/docs")


def test_the_documentation_page_loads_nothing_from_other_servers(service):
    page = service.client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self';" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("<!doctype", "")
    for path in re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.text):
        asset = service.client.get(path)
        assert asset.status_code == 200
        assert asset.headers["content-type"] in {"text/css; charset=utf-8", "text/javascript; charset=utf-8"}
        assert asset.headers["x-content-type-options"] == "nosniff"
        assert service.client.head(path).status_code == 200


@pytest.mark.parametrize("name", ["LICENSE", "index.html", "..%2Froutes.py", "nothing.js"])
def test_the_documentation_has_no_other_files(service, problem, name):
    problem(service.client.get(f"/docs/{name}"), 404)
