"""What would be decided on an application, or on a changed application of a recorded decision."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, Struct, UnsetType

from application.catalog import UseCases
from application.use_cases.decisions.try_what_if import WhatIf, WhatIfVersions
from domain.access.user import Actor, Permission
from domain.decisions.decision_record import DecisionRecord
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.application_errors import CheckedMembers, check_members
from entrypoints.api.decisions.predictions import MAX_BODY_BYTES
from entrypoints.api.decisions.presenters import alternative_of, reasons_of
from entrypoints.api.decisions.schemas import Alternative, Interval, Reason
from entrypoints.api.http.declarations import request_body, secured_problems
from entrypoints.api.http.problems import FieldError, invalid, malformed, shown_text
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON
from entrypoints.api.http.strict_json import Members, read_json

_VERSIONS = tuple(each.value for each in WhatIfVersions)
_OWN = ("decision_id", "versions")


class WhatIfBody(Struct, frozen=True):
    """The members of a loan application as for a prediction. With `decision_id`, those that are changed."""

    decision_id: Annotated[
        UUID | UnsetType,
        Meta(description="A recorded decision whose application is changed; its other values stay as they were."),
    ] = UNSET
    versions: Annotated[
        Literal["decision", "present"],
        Meta(
            description="With decision_id: the model and policy of that decision (the default), or those in force."
        ),
    ] = "decision"


class WhatIfPrediction(Struct, frozen=True):
    """The members of a decision's prediction, but for its identifier: nothing is recorded."""

    outcome: Literal["approved", "referred", "declined"]
    probability_of_default: float
    probability_of_default_interval: Interval
    confidence: Literal["high", "medium", "low"]
    outcome_stability: float | None
    score_points: int
    grade: str
    annual_rate: float
    instalment: Annotated[float, Meta(description="Monthly payment in dollars at that rate.")]
    recommended_amount: Annotated[float, Meta(description="In dollars; 0 if none.")]
    alternative: Alternative | None
    reasons: list[Reason]
    rule_reasons: list[Reason]
    score_reasons: list[Reason]
    failed_rules: list[str]
    out_of_domain: list[str]
    model_version: str
    policy_version: str


class WhatIfResponse(Struct, frozen=True):
    """What would be decided. It is no decision: nothing is recorded, and no audit entry, case or claim is made."""

    what_if: Annotated[Literal[True], Meta(description="Marks the answer.")]
    prediction: WhatIfPrediction
    versions: Annotated[
        Literal["decision", "present"],
        Meta(description="Whether the model and policy are those of the decision or those in force."),
    ]
    changed_decision_id: Annotated[
        UUID | None, Meta(description="The recorded decision whose application was changed, or null.")
    ]
    model_fingerprint: str
    policy_fingerprint: str


@post(
    "/api/v1/what-if",
    status_code=200,
    responses=secured_problems(404, 408, 409, 413, 415, 422),
    operation_class=request_body(JSON, form=WhatIfBody),
)
async def try_what_if(
    *, request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> WhatIfResponse:
    """Try what would be decided.

    On an application, with the model and policy in force; or on a recorded decision with some values changed.
    """
    caller.require(Permission.TRY_WHAT_IF)  # before the body is read
    headers: Mapping[bytes, bytes] = dict(request.scope["headers"])
    require_media_type(JSON, headers)
    content = read_json(await read_body(request.receive, headers, limit=MAX_BODY_BYTES))
    if not isinstance(content, Members):
        raise malformed("The body must be a JSON object.")
    decision_id, versions = _own_members(content)
    pairs = [(name, value) for name, value in content.pairs if name not in _OWN]
    if decision_id is None:
        checked = _checked(pairs, use_cases.read_product_in_force())
        application = use_cases.read_product_in_force().application_from(checked.values)
        superseding = checked.supersedes
        if superseding is not None:  # one that does not exist would leave the answer as if it were not named
            await use_cases.read_decision(superseding.decision_id, by=caller)
        found = await use_cases.try_what_if(
            application,
            by=caller,
            identity=checked.identity,
            circumstances=checked.circumstances,
            supersedes=None if superseding is None else superseding.decision_id,
        )
        return _response(found, None)
    record = await use_cases.read_decision(decision_id, by=caller)
    product = await use_cases.read_product_of(record)
    _check_changes(pairs, product)
    changed = {name for name, _ in pairs}
    kept = [(name, value) for name, value in product.values_of(record.application).items() if name not in changed]
    checked = _checked([*kept, *pairs], product)
    application = product.application_from(checked.values)
    found = await use_cases.try_what_if(application, by=caller, changed=record, versions=versions)
    return _response(found, record)


def _own_members(content: Members) -> tuple[UUID | None, WhatIfVersions]:
    """The decision, if any, and the versions; raises RequestRejected with every error."""
    given: dict[str, object] = {}
    errors = []
    for name, value in content.pairs:
        if name in _OWN and name in given:
            errors.append(FieldError(name, "is given more than once"))
        given[name] = value
    decision_id, versions = given.get("decision_id"), given.get("versions", WhatIfVersions.DECISION.value)
    try:
        found = UUID(decision_id) if isinstance(decision_id, str) else None
    except ValueError:
        found = None
    if decision_id is not None and found is None:
        errors.append(FieldError("decision_id", "is not an identifier", "the decision_id of a recorded decision"))
    if versions not in _VERSIONS:
        errors.append(FieldError("versions", "is not recognized", f"one of {', '.join(_VERSIONS)}"))
    elif decision_id is None and "versions" in given and versions == WhatIfVersions.DECISION.value:
        errors.append(FieldError("decision_id", "is missing", "the decision whose versions are to be used"))
    if errors:
        raise invalid("invalid-body", "Invalid body", errors)
    return found, WhatIfVersions(versions)


def _check_changes(pairs: list[tuple[str, object]], product: ProductDefinition) -> None:
    """Refuse what is no field of the product: references and the bureau's data are those of the decision."""
    names = ", ".join(product.field_by_name)
    errors = [
        FieldError(shown_text(name), "cannot be changed", f"the fields of the product: {names}")
        for name, _ in pairs
        if name not in product.field_by_name
    ]
    if errors:
        raise invalid("invalid-application", "Invalid loan application", errors)


def _checked(pairs: list[tuple[str, object]], product: ProductDefinition) -> CheckedMembers:
    checked = check_members(pairs, product)
    if checked.errors:
        raise invalid("invalid-application", "Invalid loan application", checked.errors)
    return checked


def _response(found: WhatIf, changed: DecisionRecord | None) -> WhatIfResponse:
    decision, prediction = found.decision, found.prediction
    reasons, of_rules = reasons_of(decision.reasons), decision.reasons_of_rules or 0
    alternative = decision.alternative
    return WhatIfResponse(
        what_if=True,
        prediction=WhatIfPrediction(
            outcome=decision.outcome.value,
            probability_of_default=prediction.pd.value,
            probability_of_default_interval=Interval(prediction.interval.low, prediction.interval.high),
            confidence=decision.confidence.value,
            outcome_stability=decision.outcome_stability,
            score_points=decision.points,
            grade=decision.grade,
            annual_rate=decision.annual_rate,
            instalment=decision.instalment.dollars,
            recommended_amount=decision.recommended_amount.dollars,
            alternative=None if alternative is None else alternative_of(alternative, found.product),
            reasons=reasons,
            rule_reasons=reasons[:of_rules],
            score_reasons=reasons[of_rules:],
            failed_rules=list(decision.failed_rules),
            out_of_domain=list(prediction.out_of_domain),
            model_version=found.model_version,
            policy_version=decision.policy_version,
        ),
        versions=found.versions.value,
        changed_decision_id=None if changed is None else changed.decision_id,
        model_fingerprint=found.model_fingerprint,
        policy_fingerprint=found.policy_fingerprint,
    )
