"""What each route takes and answers, in OpenAPI's words; a test holds it against the routes there are."""

from typing import Any

from entrypoints.api.access import passwords, tokens
from entrypoints.api.decisions import predictions
from entrypoints.api.decisions import routes as decisions
from entrypoints.api.decisions.decision_query import PARAMETERS
from entrypoints.api.decisions.loan_application_body import EXAMPLE
from entrypoints.api.http import idempotency
from entrypoints.api.http.problems import MEDIA_TYPE
from entrypoints.api.http.responses import JSON
from entrypoints.api.monitoring import routes as overview
from entrypoints.api.openapi.documented_batches import documented_batches
from entrypoints.api.openapi.documented_examples import (
    COUNTERFACTUAL,
    DECISION,
    FAULTY_APPLICATION,
    ON_RECORD,
    OVERVIEW,
    REPRODUCTION,
)
from entrypoints.api.openapi.documented_parts import REQUEST_ID, SECURED, operation, problems, ref
from entrypoints.api.operations import health

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"


_DECISION_ID = {
    "name": "decision_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}


def documented_paths() -> dict[str, Any]:
    """Every path and what can be done there."""
    return {
        predictions.PATH: {"post": _predict()},
        decisions.PATH: {"get": _list_decisions()},
        decisions.PATH + "/{decision_id}": {"get": _read_decision()},
        decisions.PATH + "/{decision_id}/reproduction": {"get": _reproduce()},
        decisions.PATH + "/{decision_id}/counterfactual": {"get": _what_would_change()},
        overview.PATH: {"get": _read_overview()},
        **documented_batches(),
        tokens.PATH: {"post": _issue_token()},
        passwords.PATH: {"post": _change_password()},
        health.LIVE: {"get": operation("live", "operations", "Does the process answer?", 200, "LivenessResponse")},
        health.READY: {"get": _ready()},
        "/schema": {"get": _plain("schema", "This description", OPENAPI)},
        "/schema/openapi.json": {"get": _plain("schemaForTools", "This description", OPENAPI)},
    }


def _predict() -> dict[str, Any]:
    refused = problems(400, 401, 403, 405, 408, 409, 413, 415, 422, 429, 500, 503)
    refused["422"]["content"][MEDIA_TYPE]["example"] = FAULTY_APPLICATION
    told = operation("predict", "decisions", "Decide on a loan application", 200, "DecisionResponse")
    told["responses"]["200"]["content"][JSON]["example"] = DECISION
    told["responses"]["200"]["headers"] = idempotency.REPLAYED_HEADER
    told["responses"].update(refused)
    return told | {
        "security": SECURED,
        "parameters": [idempotency.PARAMETER, REQUEST_ID],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": ref("LoanApplicationBody"), "example": EXAMPLE}},
        },
    }


def _list_decisions() -> dict[str, Any]:
    told = operation("listDecisions", "decisions", "Find decisions, newest first", 200, "DecisionList")
    told["responses"]["200"]["headers"] = {
        "Link": {"description": 'The next page, as rel="next".', "schema": {"type": "string"}}
    }
    told["responses"].update(problems(400, 401, 403, 429, 500, 503))
    parameters = [
        {"name": one.name, "in": "query", "description": one.allowed, "schema": one.schema} for one in PARAMETERS
    ]
    return told | {"security": SECURED, "parameters": [*parameters, REQUEST_ID]}


def _read_decision() -> dict[str, Any]:
    told = operation("readDecision", "decisions", "One decision on record", 200, "RecordedDecision")
    told["responses"]["200"]["content"][JSON]["example"] = ON_RECORD
    told["responses"].update(problems(401, 403, 404, 429, 500, 503))
    return told | {"security": SECURED, "parameters": [_DECISION_ID, REQUEST_ID]}


def _reproduce() -> dict[str, Any]:
    summary = "Make a decision again, with the model and policy that made it"
    told = operation("reproduceDecision", "decisions", summary, 200, "ReproductionResponse")
    told["responses"]["200"]["content"][JSON]["example"] = REPRODUCTION
    told["responses"].update(problems(401, 403, 404, 409, 429, 500, 503))
    return told | {"security": SECURED, "parameters": [_DECISION_ID, REQUEST_ID]}


def _what_would_change() -> dict[str, Any]:
    summary = "The smallest changes that the model and policy that decided would approve"
    told = operation("whatWouldChange", "decisions", summary, 200, "CounterfactualResponse")
    told["responses"]["200"]["content"][JSON]["example"] = COUNTERFACTUAL
    told["responses"].update(problems(401, 403, 404, 409, 429, 500, 503))
    return told | {"security": SECURED, "parameters": [_DECISION_ID, REQUEST_ID]}


def _read_overview() -> dict[str, Any]:
    summary = "What the decisions of a period come to"
    told = operation("readOverview", "decisions", summary, 200, "OverviewResponse")
    told["responses"]["200"]["content"][JSON]["example"] = OVERVIEW
    told["responses"].update(problems(400, 401, 403, 429, 500, 503))
    parameters = [
        {
            "name": one.name,
            "in": "query",
            "required": one is overview.FROM,
            "description": one.allowed,
            "schema": one.schema,
        }
        for one in overview.PARAMETERS
    ]
    return told | {"security": SECURED, "parameters": [*parameters, REQUEST_ID]}


def _issue_token() -> dict[str, Any]:
    told = operation("issueToken", "access", "Trade a password for an access token", 200, "TokenResponse")
    told["responses"].update(problems(400, 403, 408, 413, 415, 429, 500, 503))
    properties = {
        "grant_type": {"const": "password"},
        "username": {"type": "string", "minLength": 1},
        "password": {"type": "string", "minLength": 1, "format": "password"},
    }
    form = {"type": "object", "required": list(properties), "properties": properties}
    return told | {"requestBody": {"required": True, "content": {tokens.FORM: {"schema": form}}}}


def _change_password() -> dict[str, Any]:
    summary = "Change one's own password; all tokens and sessions of the user end"
    done = {"204": {"description": "The password was changed."}}
    properties = {
        "username": {"type": "string", "minLength": 1},
        "current_password": {"type": "string", "minLength": 1, "format": "password"},
        "new_password": {"type": "string", "minLength": 12, "maxLength": 256, "format": "password"},
    }
    form = {"type": "object", "required": list(properties), "properties": properties}
    return {
        "operationId": "changePassword",
        "tags": ["access"],
        "summary": summary,
        "responses": done | problems(400, 408, 413, 415, 422, 429, 500, 503),
        "requestBody": {"required": True, "content": {tokens.FORM: {"schema": form}}},
    }


def _ready() -> dict[str, Any]:
    told = operation("ready", "operations", "Can decisions be asked for here?", 200, "ReadinessResponse")
    told["responses"]["503"] = told["responses"]["200"] | {
        "description": "Something that decisions need does not work, or this process stops soon."
    }
    return told


def _plain(name: str, summary: str, media_type: str) -> dict[str, Any]:
    done = {"description": summary, "content": {media_type: {}}}
    return {"operationId": name, "tags": ["operations"], "summary": summary, "responses": {"200": done}}
