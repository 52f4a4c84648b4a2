"""Files with outcomes of loans, which a worker imports."""

from contextlib import aclosing
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from application.catalog import UseCases
from application.ports.batches.batch_content import MAX_BATCH_BYTES
from domain.access.user import Actor, Permission
from entrypoints.api.batches.routes import CSV, MEDIA_TYPES
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER, idempotency_key
from entrypoints.api.http.pagination import DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.query import check_query, text
from entrypoints.api.http.request_body import require_media_type, stream_body
from entrypoints.api.outcomes.presenters import import_list, import_response
from entrypoints.api.outcomes.schemas import OutcomeImportList, OutcomeImportResponse

PATH = "/api/v1/outcome-imports"
_ONE = PATH + "/{import_id:uuid}"
_AS_OF = QueryParameter(description="the day of rows that state none, such as 2026-10-31")
_CURSOR = QueryParameter(description="next_cursor of the previous page")


@post(
    PATH,
    status_code=202,
    response_headers=[
        REPLAYED_HEADER,
        ResponseHeader(name="Location", documentation_only=True, description="The path of the import."),
    ],
    responses=secured_problems(408, 409, 413, 415, 422),
    operation_class=request_body(*MEDIA_TYPES),
)
async def submit_outcome_import(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    name: Annotated[str, text("the name that people see")] = "outcomes",
    as_of: Annotated[date | None, _AS_OF] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[OutcomeImportResponse]:
    """Import outcomes of loans.

    Upload a CSV, gzipped CSV or Parquet file of at most 1 GiB with a row for each outcome: the application
    (application_reference and source, or application_id or decision_id), status, as_of, booked_on and amounts. The
    names and statuses of LendingClub, and the account status codes of Metro 2, are understood. A worker reads it:
    poll the import. The same row again records nothing.
    """
    caller.require(Permission.RECORD_LOAN_OUTCOMES)  # before the body is judged or read
    headers = dict(request.scope["headers"])
    require_media_type(*MEDIA_TYPES[:1], headers, *MEDIA_TYPES[1:])
    check_query(request)
    key = idempotency_key(headers, request.scope["headers"])
    async with aclosing(stream_body(request.receive, headers, limit=MAX_BATCH_BYTES)) as body:
        submitted = await use_cases.outcomes.submit_import(body, name=name, by=caller, as_of=as_of, key=key)
    response_headers = {"Location": f"{PATH}/{submitted.wanted.import_id}"}
    if submitted.again:
        response_headers[REPLAYED_HEADER.name] = "true"
    return Response(import_response(submitted.wanted), headers=response_headers)


@read(PATH, response_headers=[LINK], responses=secured_problems())
async def list_outcome_imports(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[UUID | None, _CURSOR] = None,
) -> Response[OutcomeImportList]:
    """List imports of outcomes.

    Newest first.
    """
    check_query(request)
    page = await use_cases.outcomes.list_imports(by=caller, limit=limit, before=cursor)
    return Response(import_list(page), headers=link_to_next(request, page.next_before))


@read(_ONE, responses=secured_problems(404))
async def read_outcome_import(
    import_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> OutcomeImportResponse:
    """Read an import of outcomes."""
    return import_response(await use_cases.outcomes.read_import(import_id, by=caller))


@read(_ONE + "/errors", media_type=CSV, responses=secured_problems(404))
async def read_outcome_import_errors(
    import_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[str]:
    """Download the errors of an import.

    CSV with a header and a line for each error of a refused row, so far: the row, how it names the loan, the
    field, its value, and why it is refused.
    """
    lines = await use_cases.outcomes.import_errors(import_id, by=caller)
    disposition = f'attachment; filename="{import_id}-errors.csv"'
    return cast("Response[str]", Stream(lines, media_type=CSV, headers={"Content-Disposition": disposition}))


IMPORT_ROUTES = (submit_outcome_import, list_outcome_imports, read_outcome_import, read_outcome_import_errors)
