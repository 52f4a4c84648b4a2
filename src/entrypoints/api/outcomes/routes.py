"""Outcomes of loans: what became of an accepted application, and the history of it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from application.catalog import UseCases
from application.use_cases.outcomes.record_loan_outcome import Correction, LoanChanged
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.outcomes.loan_outcome import LoanAmounts, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER, idempotency_key
from entrypoints.api.http.json_body import read_struct
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON
from entrypoints.api.outcomes.presenters import etag, loan_response, recorded_outcome
from entrypoints.api.outcomes.schemas import LoanOutcomeBody, LoanResponse, RecordedOutcomeResponse

_PATH = "/api/v1/applications/{application_id:uuid}/outcomes"
LARGEST_BODY = 16 * 1024
_ETAG = ResponseHeader(name="ETag", documentation_only=True, description="Identifies the state of the loan.")
_IF_MATCH = HeaderParameter(
    name="If-Match",
    description="The `ETag` of the loan as the caller read it: if an outcome was added since, nothing is done.",
)
_AMOUNTS = ("outstanding", "paid", "charged_off", "recovered")


@post(
    _PATH,
    status_code=200,
    response_headers=[_ETAG, REPLAYED_HEADER],
    responses=secured_problems(404, 408, 409, 412, 413, 415, 422),
    operation_class=request_body(JSON, form=LoanOutcomeBody),
)
async def record_loan_outcome(
    *,
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, _IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[RecordedOutcomeResponse]:
    """Record an outcome of a loan.

    What became of the loan of an accepted application, or with `corrects` a correction of a recorded outcome. The
    same outcome again records nothing.
    """
    caller.require(Permission.RECORD_LOAN_OUTCOMES)  # before the body is read
    headers = dict(request.scope["headers"])
    body = await read_body(request.receive, headers, limit=LARGEST_BODY)
    require_media_type(JSON, headers)
    wanted = read_struct(body, LoanOutcomeBody)
    recorded = await use_cases.outcomes.record(
        application_id,
        _stated(wanted),
        by=caller,
        correction=None if wanted.corrects is None else Correction(wanted.corrects, wanted.reason.strip()),
        key=idempotency_key(headers, request.scope["headers"]),
        version=_version(if_match),
    )
    response_headers = {"ETag": etag(recorded.after.loan)}
    if recorded.replayed:
        response_headers[REPLAYED_HEADER.name] = "true"
    return Response(recorded_outcome(recorded), headers=response_headers)


@read(_PATH, response_headers=[_ETAG], responses=secured_problems(404, 409))
async def read_loan(
    application_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[LoanResponse]:
    """Read the outcomes of a loan.

    The present state of the loan of an accepted application, its label, and all recorded outcomes.
    """
    stored = await use_cases.outcomes.read(application_id, by=caller)
    return Response(loan_response(stored), headers={"ETag": etag(stored.loan)})


def _stated(body: LoanOutcomeBody) -> StatedOutcome:
    amounts = {name: getattr(body, name) for name in _AMOUNTS}
    return StatedOutcome(
        LoanStatus(body.status),
        body.as_of,
        body.booked_on,
        body.days_past_due,
        LoanAmounts(**{name: Money.of(amount) for name, amount in amounts.items() if amount is not None}),
    )


def _version(if_match: str | None) -> int | None:
    """The version that the caller has seen; None for any. Raises LoanChanged."""
    tag = None if if_match is None else if_match.strip()
    if tag is None or tag == "*":
        return None
    digits = tag.removeprefix('"').removesuffix('"')
    if tag != f'"{digits}"' or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise LoanChanged("If-Match names no version of this loan; read the loan again")
    return int(digits)


LOAN_ROUTES = (record_loan_outcome, read_loan)
