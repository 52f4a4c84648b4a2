"""The API's own description, OpenAPI 3.1: made from the structs that are really read and answered.

No page that shows it is served: those there are load their programs from elsewhere. Any viewer reads /schema.
"""

from typing import Any

import msgspec
from litestar import Response, route
from litestar.handlers import HTTPRouteHandler

from entrypoints.api.batches import schemas as batch_answers
from entrypoints.api.batches import webhooks
from entrypoints.api.decisions import schemas as answers
from entrypoints.api.decisions.loan_application_body import LoanApplicationBody
from entrypoints.api.http.problems import Problem
from entrypoints.api.http.responses import READING, SAFE, json_bytes
from entrypoints.api.monitoring import schemas as overview_answers
from entrypoints.api.openapi.documented_paths import OPENAPI, documented_paths

_STRUCTS = (
    LoanApplicationBody,
    answers.DecisionResponse,
    answers.RecordedDecision,
    answers.DecisionList,
    answers.ReproductionResponse,
    answers.CounterfactualResponse,
    overview_answers.OverviewResponse,
    batch_answers.BatchResponse,
    batch_answers.BatchList,
    webhooks.WebhookSecret,
    webhooks.DeadLetterList,
    answers.TokenResponse,
    answers.LivenessResponse,
    answers.ReadinessResponse,
    Problem,
)
_ABOUT = (
    "Credit decisions: post a loan application; get a calibrated probability of default, a decision, the amount "
    "that could be lent and the specific reasons. Every decision is on durable record before it is answered."
)


def openapi(version: str) -> dict[str, Any]:
    """The description, as JSON's plain values."""
    _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Credit decisions",
            "version": version,
            "summary": "Decide on loan applications and read decisions on record.",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in ("decisions", "batches", "access", "operations")],
        "paths": documented_paths(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "oauth2",
                    "description": "The token goes into the header Authorization, after the word Bearer.",
                    "flows": {"password": {"tokenUrl": "/api/v1/auth/token", "scopes": {}}},
                }
            },
        },
    }


def schema_routes(version: str) -> list[HTTPRouteHandler]:
    """/schema, and the same at the path where tools look for it."""
    document = json_bytes(openapi(version))

    @route(["/schema", "/schema/openapi.json"], http_method=READING, sync_to_thread=False)
    def schema() -> Response[bytes]:
        return Response(document, media_type=OPENAPI, headers=dict(SAFE))

    return [schema]
