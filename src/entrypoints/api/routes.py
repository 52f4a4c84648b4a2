"""All routes of the API, and the OpenAPI document made from them."""

from typing import Any

from litestar import Request, Router
from litestar.di import Provide
from litestar.params import HeaderParameter
from litestar.types import ControllerRouterHandler

from domain.access.user import Actor
from domain.products.product_definition import ProductDefinition
from entrypoints.api.access.routes import ACCESS_ROUTES
from entrypoints.api.access.schemas import PasswordChange, TokenRequest
from entrypoints.api.access.user_routes import USER_ROUTES
from entrypoints.api.access.user_schemas import NewUser, PasswordReset, UserChange
from entrypoints.api.applications.routes import APPLICATION_ROUTES
from entrypoints.api.applications.schemas import AcceptanceBody, WithdrawalBody
from entrypoints.api.audit.evidence_routes import EVIDENCE_ROUTES
from entrypoints.api.audit.routes import AUDIT_ROUTES
from entrypoints.api.audit.selection import EvidenceSelectionBody
from entrypoints.api.batches.routes import BATCH_ROUTES
from entrypoints.api.cases.override_routes import read_overrides
from entrypoints.api.cases.resolution_schemas import RESOLUTION_FORMS
from entrypoints.api.cases.routes import CASE_ROUTES
from entrypoints.api.cases.schemas import (
    CaseNoteBody,
    InformationAnswerBody,
    InformationRequestBody,
    ReassignmentBody,
)
from entrypoints.api.decisions.loan_application_body import body_type, contributions_type
from entrypoints.api.decisions.routes import DECISION_ROUTES, describe_prediction
from entrypoints.api.decisions.what_if import WhatIfBody, try_what_if
from entrypoints.api.documentation import (
    case_examples,
    examples,
    notice_examples,
    outcome_examples,
    override_example,
    reconsideration_examples,
    webhook_examples,
)
from entrypoints.api.documentation.openapi import openapi
from entrypoints.api.http.authentication import require_caller
from entrypoints.api.monitoring.routes import read_overview
from entrypoints.api.notices.routes import NOTICE_ROUTES
from entrypoints.api.notices.schemas import DeliveryBody, IssueBody
from entrypoints.api.operations.routes import OPERATION_ROUTES
from entrypoints.api.outcomes.import_routes import IMPORT_ROUTES
from entrypoints.api.outcomes.routes import LOAN_ROUTES
from entrypoints.api.outcomes.schemas import LoanOutcomeBody
from entrypoints.api.outcomes.vintage_routes import read_vintages
from entrypoints.api.reconsiderations.routes import RECONSIDERATION_ROUTES
from entrypoints.api.webhooks.routes import WEBHOOK_ROUTES
from entrypoints.api.webhooks.schemas import NewSubscription

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
        _secured("decisions", *DECISION_ROUTES, try_what_if),
        _secured("applications", *APPLICATION_ROUTES),
        _secured("cases", *CASE_ROUTES),
        _secured("notices", *NOTICE_ROUTES),
        _secured("reconsiderations", *RECONSIDERATION_ROUTES),
        _secured("monitoring", read_overview, read_overrides),
        _secured("outcomes", *LOAN_ROUTES, *IMPORT_ROUTES, read_vintages),
        _secured("batches", *BATCH_ROUTES),
        _secured("webhooks", *WEBHOOK_ROUTES),
        _secured("audit", *EVIDENCE_ROUTES, *AUDIT_ROUTES),
        _secured("users", *USER_ROUTES),
        Router("/", route_handlers=ACCESS_ROUTES, tags=["access"]),
        Router("/", route_handlers=OPERATION_ROUTES, tags=["operations"]),
    ]


def examples_of(product: ProductDefinition) -> dict[str, object]:
    """Examples of the structs, by name."""
    return {
        "LoanApplicationBody": dict(product.example),
        "DecisionResponse": examples.DECISION,
        "CaseResponse": case_examples.CASE,
        "CaseActionResponse": case_examples.NOTE,
        "CaseNoteBody": case_examples.NOTE_BODY,
        "InformationRequestBody": case_examples.REQUEST_BODY,
        "InformationAnswerBody": case_examples.ANSWER_BODY,
        "ReassignmentBody": case_examples.REASSIGNMENT_BODY,
        "ResolutionBody": case_examples.RESOLUTION_BODY,
        "SecondApprovalBody": case_examples.SECOND_APPROVAL_BODY,
        "ConditionBody": case_examples.CONDITION_BODY,
        "OwnViewBody": case_examples.OWN_VIEW_BODY,
        "QualityReviewBody": case_examples.QUALITY_REVIEW_BODY,
        "ReviewBody": case_examples.REVIEW_BODY,
        "Loan": case_examples.LOAN,
        "ApplicationResponse": examples.APPLICATION,
        "NoticeResponse": notice_examples.NOTICE,
        "NoticeActionResponse": notice_examples.ISSUED,
        "IssueBody": notice_examples.ISSUE_BODY,
        "DeliveryBody": notice_examples.DELIVERY_BODY,
        "ApplicantLinkResponse": reconsideration_examples.LINK,
        "MadeLinkResponse": reconsideration_examples.MADE_LINK,
        "ReconsiderationResponse": reconsideration_examples.reconsideration(product),
        "CorrectionAccepted": reconsideration_examples.accepted(product),
        "LoanOutcomeBody": outcome_examples.OUTCOME_BODY,
        "LoanResponse": outcome_examples.LOAN,
        "RecordedOutcomeResponse": outcome_examples.RECORDED,
        "OutcomeImportResponse": outcome_examples.IMPORT,
        "VintagesResponse": outcome_examples.VINTAGES,
        "WhatIfResponse": examples.WHAT_IF,
        "RecordedDecision": examples.recorded_decision(product),
        "ReproductionResponse": examples.REPRODUCTION,
        "CounterfactualResponse": examples.counterfactual(product),
        "OverviewResponse": examples.overview(product),
        "OverridesResponse": override_example.OVERRIDES,
        "NewSubscription": webhook_examples.NEW_SUBSCRIPTION,
        "SubscriptionResponse": webhook_examples.SUBSCRIPTION,
        "UndeliveredMessage": webhook_examples.UNDELIVERED,
    }


def openapi_document(version: str, product: ProductDefinition, root_path: str = "") -> dict[str, Any]:
    """The OpenAPI document of all routes, and of POST /api/v1/predictions, which Litestar does not route.

    Applications have the fields of the product, contributions its characteristics. A proxy serves the API under
    `root_path`.
    """
    hot = _secured("decisions", describe_prediction(examples.invalid_application(product)))
    document = openapi(
        version,
        [hot, *routers()],
        dependencies=("use_cases", "drain", "version"),
        forms=(
            TokenRequest,
            PasswordChange,
            EvidenceSelectionBody,
            NewUser,
            UserChange,
            PasswordReset,
            AcceptanceBody,
            WithdrawalBody,
            LoanOutcomeBody,
            WhatIfBody,
            CaseNoteBody,
            InformationRequestBody,
            InformationAnswerBody,
            ReassignmentBody,
            IssueBody,
            DeliveryBody,
            NewSubscription,
            *RESOLUTION_FORMS,
        ),
        of_product=(body_type(product), contributions_type(product)),
        examples=examples_of(product),
    )
    if root_path:
        document["servers"] = [{"url": root_path}]
        flow = document["components"]["securitySchemes"]["token"]["flows"]["password"]
        flow["tokenUrl"] = root_path + flow["tokenUrl"]
    return document
