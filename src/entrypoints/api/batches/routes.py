"""/api/v1/batches: files of loan applications, handed in to be decided by a worker."""

from contextlib import aclosing
from typing import Any
from uuid import UUID

from litestar import Request, Response, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from application.catalog import UseCases
from application.ports.batches.batch_content import MAX_BATCH_BYTES
from application.ports.batches.batches import BatchOutput
from domain.access.user import Actor, Permission
from domain.batches.webhook_url import MAX_URL_LENGTH, WebhookUrl
from entrypoints.api.batches.schemas import batch_list, batch_response
from entrypoints.api.decisions.decision_query import LIMIT, Parameter, read_parameters, text_of
from entrypoints.api.http.idempotency import idempotency_key
from entrypoints.api.http.request_body import require_media_type, stream_body
from entrypoints.api.http.responses import PRIVATE, READING, reply

PATH = "/api/v1/batches"
CSV = "text/csv"
KINDS = (CSV, "application/gzip", "application/vnd.apache.parquet", "application/octet-stream")
"""What may be handed in; the content itself says which of them it is."""

NAME = Parameter(
    "name",
    text_of,
    "what people will know the batch by, 1 to 200 printable characters",
    {"type": "string", "minLength": 1, "maxLength": 200, "default": "batch"},
)
WEBHOOK_URL = Parameter(
    "webhook_url",
    lambda given: WebhookUrl(given).text,
    "a URL that begins with https:// and holds no password; the end of the batch is told there",
    {"type": "string", "format": "uri", "maxLength": MAX_URL_LENGTH},
)
BEFORE = Parameter(
    "before", UUID, "a next_before from an answer of this kind", {"type": "string", "format": "uuid"}
)


@post(PATH, status_code=202)
async def submit_batch(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """Take a file in, piece by piece; answered when it is durably queued."""
    caller.must(Permission.SUBMIT_BATCHES)  # before anything is said of the body
    headers = dict(request.scope["headers"])
    require_media_type(*KINDS[:1], headers, *KINDS[1:])
    asked, _ = read_parameters(request.scope["query_string"], (NAME, WEBHOOK_URL))
    key = idempotency_key(headers, request.scope["headers"])
    async with aclosing(stream_body(request.receive, headers, limit=MAX_BATCH_BYTES)) as body:
        submitted = await use_cases.batches.submit(
            body, name=asked.get("name", "batch"), by=caller, webhook_url=asked.get("webhook_url"), key=key
        )
    told = {**PRIVATE, "Location": f"{PATH}/{submitted.batch.batch_id}"}
    if submitted.again:
        told["Idempotent-Replayed"] = "true"
    return reply(batch_response(submitted.batch), status=202, headers=told)


@route(PATH, http_method=READING)
async def list_batches(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """A page of batches, newest first."""
    asked, _ = read_parameters(request.scope["query_string"], (LIMIT, BEFORE))
    return reply(batch_list(await use_cases.batches.list(by=caller, **asked)))


@route(PATH + "/{batch_id:uuid}", http_method=READING)
async def read_batch(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """How far a batch has got."""
    return reply(batch_response(await use_cases.batches.read(batch_id, by=caller)))


@route(PATH + "/{batch_id:uuid}/results", http_method=READING)
async def read_results(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Stream:
    """The results, a line a decision."""
    return await _output(use_cases, batch_id, BatchOutput.RESULTS, caller)


@route(PATH + "/{batch_id:uuid}/errors", http_method=READING)
async def read_errors(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Stream:
    """The faults of the rows that were refused, a line each."""
    return await _output(use_cases, batch_id, BatchOutput.ERRORS, caller)


@post(PATH + "/{batch_id:uuid}/cancel", status_code=200)
async def cancel_batch(
    batch_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """Stop a batch where it stands."""
    return reply(batch_response(await use_cases.batches.cancel(batch_id, by=caller)))


async def _output(use_cases: UseCases, batch_id: UUID, output: BatchOutput, caller: Actor) -> Stream:
    lines = await use_cases.batches.output(batch_id, output, by=caller)
    name = f'attachment; filename="{batch_id}-{output.value}.csv"'
    return Stream(lines, media_type=CSV, headers={**PRIVATE, "Content-Disposition": name})


BATCH_ROUTES = (submit_batch, list_batches, read_batch, read_results, read_errors, cancel_batch)
