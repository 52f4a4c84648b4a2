"""What each route takes and answers, in OpenAPI's words; a test holds it against the routes there are."""

from typing import Any

from entrypoints.api import decisions, health, idempotency, predictions, tokens
from entrypoints.api.decision_query import PARAMETERS
from entrypoints.api.documented_examples import DECISION, FAULTY_APPLICATION, ON_RECORD
from entrypoints.api.loan_application_body import EXAMPLE
from entrypoints.api.problems import MEDIA_TYPE
from entrypoints.api.replies import JSON

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_PROBLEMS = {
    400: "The request is malformed; `errors` names every fault that can be named.",
    401: "No token, or one that is not valid; `WWW-Authenticate` says which.",
    403: "The caller's role does not allow it.",
    404: "There is no such decision.",
    405: "The method is not possible here; `Allow` lists those that are.",
    408: "The body did not arrive in time.",
    413: "The body is larger than is read.",
    415: "The body's kind is not supported.",
    422: "The content is not valid, `errors` names every fault; or the key stands for another request.",
    500: "A fault of the service; it was logged under `request_id`.",
    503: "Something the service stands on does not answer; `Retry-After` says when to try again.",
}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "An identifier of the caller's own, given back with the answer: printable ASCII, at most 128 "
    "characters; any other is replaced.",
    "schema": {"type": "string"},
}
_SECURED: list[dict[str, list[str]]] = [{"token": []}]


def documented_paths(*, with_metrics: bool) -> dict[str, Any]:
    """Every path and what can be done there."""
    paths = {
        predictions.PATH: {"post": _predict()},
        decisions.PATH: {"get": _list_decisions()},
        decisions.PATH + "/{decision_id}": {"get": _read_decision()},
        tokens.PATH: {"post": _issue_token()},
        health.LIVE: {"get": _operation("live", "operations", "Does the process answer?", 200, "LiveAnswer")},
        health.READY: {"get": _ready()},
        "/schema": {"get": _plain("schema", "This description", OPENAPI)},
        "/schema/openapi.json": {"get": _plain("schemaForTools", "This description", OPENAPI)},
    }
    if with_metrics:
        paths[health.METRICS] = {"get": _plain("metrics", "Metrics for Prometheus", "text/plain")}
    return paths


def _predict() -> dict[str, Any]:
    problems = _problems(400, 401, 403, 405, 408, 413, 415, 422, 500, 503)
    problems["422"]["content"][MEDIA_TYPE]["example"] = FAULTY_APPLICATION
    operation = _operation("predict", "decisions", "Decide on a loan application", 200, "DecisionAnswer")
    operation["responses"]["200"]["content"][JSON]["example"] = DECISION
    operation["responses"]["200"]["headers"] = idempotency.REPLAYED_HEADER
    operation["responses"].update(problems)
    return operation | {
        "security": _SECURED,
        "parameters": [idempotency.PARAMETER, _REQUEST_ID],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _ref("LoanApplicationBody"), "example": EXAMPLE}},
        },
    }


def _list_decisions() -> dict[str, Any]:
    operation = _operation("listDecisions", "decisions", "Find decisions, newest first", 200, "DecisionPageAnswer")
    operation["responses"]["200"]["headers"] = {
        "Link": {"description": 'The next page, as rel="next".', "schema": {"type": "string"}}
    }
    operation["responses"].update(_problems(400, 401, 403, 500, 503))
    parameters = [
        {"name": one.name, "in": "query", "description": one.allowed, "schema": one.schema} for one in PARAMETERS
    ]
    return operation | {"security": _SECURED, "parameters": [*parameters, _REQUEST_ID]}


def _read_decision() -> dict[str, Any]:
    operation = _operation("readDecision", "decisions", "One decision on record", 200, "DecisionOnRecord")
    operation["responses"]["200"]["content"][JSON]["example"] = ON_RECORD
    operation["responses"].update(_problems(401, 403, 404, 500, 503))
    identifier = {
        "name": "decision_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    return operation | {"security": _SECURED, "parameters": [identifier, _REQUEST_ID]}


def _issue_token() -> dict[str, Any]:
    operation = _operation("issueToken", "access", "Trade a password for an access token", 200, "TokenAnswer")
    operation["responses"].update(_problems(400, 408, 413, 415, 500, 503))
    properties = {
        "grant_type": {"const": "password"},
        "username": {"type": "string", "minLength": 1},
        "password": {"type": "string", "minLength": 1, "format": "password"},
    }
    form = {"type": "object", "required": list(properties), "properties": properties}
    return operation | {"requestBody": {"required": True, "content": {tokens.FORM: {"schema": form}}}}


def _ready() -> dict[str, Any]:
    operation = _operation("ready", "operations", "Does everything it stands on work?", 200, "ReadyAnswer")
    operation["responses"]["503"] = operation["responses"]["200"] | {"description": "Something does not work."}
    return operation


def _operation(name: str, tag: str, summary: str, status: int, answer: str) -> dict[str, Any]:
    done = {"description": summary, "content": {JSON: {"schema": _ref(answer)}}}
    return {"operationId": name, "tags": [tag], "summary": summary, "responses": {str(status): done}}


def _plain(name: str, summary: str, media_type: str) -> dict[str, Any]:
    done = {"description": summary, "content": {media_type: {}}}
    return {"operationId": name, "tags": ["operations"], "summary": summary, "responses": {"200": done}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"schema": _ref("Problem")}
    return {
        str(status): {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: dict(content)}}
        for status in statuses
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
