"""All routes of the API, and the OpenAPI document made from them."""

from typing import Any

from litestar import Request, Router
from litestar.di import Provide
from litestar.params import HeaderParameter
from litestar.types import ControllerRouterHandler

from domain.access.user import Actor
from entrypoints.api.access.routes import ACCESS_ROUTES
from entrypoints.api.access.schemas import PasswordChange, TokenRequest
from entrypoints.api.batches.routes import BATCH_ROUTES
from entrypoints.api.decisions import schemas
from entrypoints.api.decisions.loan_application_body import EXAMPLE, LoanApplicationBody
from entrypoints.api.decisions.routes import DECISION_ROUTES, predict
from entrypoints.api.documentation import examples
from entrypoints.api.documentation.openapi import openapi
from entrypoints.api.http.authentication import require_caller
from entrypoints.api.monitoring.routes import read_overview
from entrypoints.api.monitoring.schemas import OverviewResponse
from entrypoints.api.operations.routes import OPERATION_ROUTES

EXAMPLES = {
    LoanApplicationBody: EXAMPLE,
    schemas.DecisionResponse: examples.DECISION,
    schemas.RecordedDecision: examples.RECORDED_DECISION,
    schemas.ReproductionResponse: examples.REPRODUCTION,
    schemas.CounterfactualResponse: examples.COUNTERFACTUAL,
    OverviewResponse: examples.OVERVIEW,
}
_REQUEST_ID = HeaderParameter(
    annotation=str,
    name="X-Request-ID",
    required=False,
    description="The caller's identifier of the request, returned with the response and logged: printable ASCII, "
    "at most 128 characters; anything else is replaced.",
)


def _caller(request: Request[Actor, Any, Any]) -> Actor:
    return request.user


def _secured(tag: str, *handlers: ControllerRouterHandler) -> Router:
    return Router(
        "/",
        route_handlers=handlers,
        tags=[tag],
        guards=[require_caller],
        security=[{"token": []}],
        dependencies={"caller": Provide(_caller, sync_to_thread=False)},
        parameters={"request_id": _REQUEST_ID},
    )


def routers() -> list[Router]:
    """Every route that Litestar serves; routers belong to one application, so each call makes new ones."""
    return [
        _secured("decisions", *DECISION_ROUTES),
        _secured("monitoring", read_overview),
        _secured("batches", *BATCH_ROUTES),
        Router("/", route_handlers=ACCESS_ROUTES, tags=["access"]),
        Router("/", route_handlers=OPERATION_ROUTES, tags=["operations"]),
    ]


def openapi_document(version: str) -> dict[str, Any]:
    """The OpenAPI document of all routes, and of POST /api/v1/predictions, which Litestar does not route."""
    hot = _secured("decisions", predict)
    return openapi(
        version,
        [hot, *routers()],
        dependencies=("use_cases", "drain", "version"),
        forms=(TokenRequest, PasswordChange),
        examples=EXAMPLES,
    )
