"""Batches: files of loan applications that a worker decides."""

from collections.abc import Mapping
from contextlib import aclosing
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from application.catalog import UseCases
from application.ports.batches.batch_content import MAX_BATCH_BYTES
from application.ports.batches.batches import BatchOutput
from domain.access.user import Actor, Permission
from domain.batches.file_conventions import InvalidConventions, conventions_from
from domain.batches.kept_columns import ALLOWED as KEPT_ALLOWED
from domain.batches.kept_columns import InvalidKeptColumns, columns_in
from domain.webhooks.webhook_url import MAX_URL_LENGTH, InvalidWebhookUrl, WebhookUrl
from entrypoints.api.batches.presenters import batch_list, batch_response
from entrypoints.api.batches.schemas import BatchList, BatchResponse
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER, idempotency_key
from entrypoints.api.http.pagination import DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.problems import FieldError
from entrypoints.api.http.query import check_query, text
from entrypoints.api.http.request_body import require_media_type, stream_body

PATH = "/api/v1/batches"
_ONE = PATH + "/{batch_id:uuid}"
CSV = "text/csv"
MEDIA_TYPES = (CSV, "application/gzip", "application/vnd.apache.parquet", "application/octet-stream")
"""Media types that are accepted; the format is detected from the content."""
_WEBHOOK_URL = QueryParameter(
    description="an https URL without credentials; a webhook reports the end of the batch there",
    max_length=MAX_URL_LENGTH,
    schema_extra={"format": "uri"},
)
_COLUMNS = "; for some columns followed by : and their names"
_PERCENT_AS = text("percent, fraction (0.155 for 15.5 %) or basis-points (1550 for 15.5 %)" + _COLUMNS)
_INCOME_AS = text("yearly, thousands, monthly or cents" + _COLUMNS)
_DECIMAL = text("point or comma, the character before decimals")
_KEEP = QueryParameter(
    description=f"columns of the file that the results repeat: {KEPT_ALLOWED}", max_length=2_500
)
_TRIAL = QueryParameter(description="true records the decisions as trial runs, which overviews leave out")
_CURSOR = QueryParameter(description="next_cursor of the previous page")


@post(
    PATH,
    status_code=202,
    response_headers=[
        REPLAYED_HEADER,
        ResponseHeader(name="Location", documentation_only=True, description="The path of the batch."),
    ],
    responses=secured_problems(408, 409, 413, 415, 422),
    operation_class=request_body(*MEDIA_TYPES),
)
async def submit_batch(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    name: Annotated[str, text("the name that people see")] = "batch",
    webhook_url: Annotated[str | None, _WEBHOOK_URL] = None,
    percent_as: Annotated[str | None, _PERCENT_AS] = None,
    income_as: Annotated[str | None, _INCOME_AS] = None,
    decimal: Annotated[str | None, _DECIMAL] = None,
    keep: Annotated[str | None, _KEEP] = None,
    trial: Annotated[bool, _TRIAL] = False,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[BatchResponse]:
    """Submit a batch.

    Upload a CSV, gzipped CSV or Parquet file of at most 1 GiB whose columns, in any order, are the fields of a
    loan application. A worker decides it: poll the batch, or pass `webhook_url` to be notified
    when it finishes. A file whose columns look as if they had another unit fails until `percent_as`, `income_as`
    or `decimal` states how to read it. Columns with references and origin are recorded, and repeated in the
    results with those that `keep` names. Callers with too many unfinished batches or uploads receive 429.
    """
    caller.require(Permission.SUBMIT_BATCHES)  # before the body is judged or read
    headers = dict(request.scope["headers"])
    require_media_type(*MEDIA_TYPES[:1], headers, *MEDIA_TYPES[1:])
    stated = {"percent_as": percent_as, "income_as": income_as, "decimal": decimal}
    check_query(request, *_webhook_url_errors(webhook_url), *_convention_errors(stated), *_keep_errors(keep))
    conventions = conventions_from(stated)
    key = idempotency_key(headers, request.scope["headers"])
    async with aclosing(stream_body(request.receive, headers, limit=MAX_BATCH_BYTES)) as body:
        submitted = await use_cases.batches.submit(
            body,
            name=name,
            by=caller,
            webhook_url=webhook_url,
            conventions=conventions,
            trial=trial,
            keep=columns_in(keep),
            key=key,
        )
    response_headers = {"Location": f"{PATH}/{submitted.batch.batch_id}"}
    if submitted.again:
        response_headers[REPLAYED_HEADER.name] = "true"
    return Response(batch_response(submitted.batch), headers=response_headers)


def _webhook_url_errors(given: str | None) -> list[FieldError]:
    try:
        if given is not None:
            WebhookUrl(given)
    except InvalidWebhookUrl as error:
        return [FieldError("webhook_url", str(error), _WEBHOOK_URL.description or "")]
    return []


def _convention_errors(stated: Mapping[str, str | None]) -> list[FieldError]:
    try:
        conventions_from(stated)
    except InvalidConventions as error:
        return [FieldError(name, fault) for name, fault in error.faults.items()]
    return []


def _keep_errors(given: str | None) -> list[FieldError]:
    try:
        columns_in(given)
    except InvalidKeptColumns as error:
        return [FieldError("keep", str(error), KEPT_ALLOWED)]
    return []


@read(PATH, response_headers=[LINK], responses=secured_problems())
async def list_batches(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[UUID | None, _CURSOR] = None,
    before: Annotated[UUID | None, QueryParameter(description="deprecated name of cursor")] = None,
) -> Response[BatchList]:
    """List batches.

    Newest first.
    """
    check_query(request)
    page = await use_cases.batches.list(by=caller, limit=limit, before=cursor or before)
    return Response(batch_list(page), headers=link_to_next(request, page.next_before))


@read(_ONE, responses=secured_problems(404))
async def read_batch(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> BatchResponse:
    """Read a batch."""
    return batch_response(await use_cases.batches.read(batch_id, by=caller))


@read(_ONE + "/results", media_type=CSV, responses=secured_problems(404, 409))
async def read_batch_results(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[str]:
    """Download the results of a batch.

    CSV with a header and a line for each decision, once the batch has ended.
    """
    return await _output(use_cases, batch_id, BatchOutput.RESULTS, caller)


@read(_ONE + "/errors", media_type=CSV, responses=secured_problems(404, 409))
async def read_batch_errors(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[str]:
    """Download the errors of a batch.

    CSV with a header and a line for each error of a rejected row, once the batch has ended.
    """
    return await _output(use_cases, batch_id, BatchOutput.ERRORS, caller)


async def _output(use_cases: UseCases, batch_id: UUID, output: BatchOutput, caller: Actor) -> Response[str]:
    lines = await use_cases.batches.output(batch_id, output, by=caller)
    disposition = f'attachment; filename="{batch_id}-{output.value}.csv"'
    return cast("Response[str]", Stream(lines, media_type=CSV, headers={"Content-Disposition": disposition}))


@post(_ONE + "/cancel", status_code=200, responses=secured_problems(404, 409))
async def cancel_batch(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> BatchResponse:
    """Cancel a batch.

    Stops an unfinished batch. Decisions already recorded stay.
    """
    return batch_response(await use_cases.batches.cancel(batch_id, by=caller))


BATCH_ROUTES = (
    submit_batch,
    list_batches,
    read_batch,
    read_batch_results,
    read_batch_errors,
    cancel_batch,
)
