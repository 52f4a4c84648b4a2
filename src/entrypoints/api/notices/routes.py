"""Notices to applicants: what is due, their letters, and how they are delivered."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter

from application.catalog import UseCases
from application.ports.notices.notices import LetterFormat, NoticeFilter
from application.use_cases.notices.change_notice import NoticeResult
from domain.access.user import Actor, Permission
from domain.notices.content import Addressee
from domain.notices.issuing import DeliveryMethod
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState
from entrypoints.api.cases.requests import WITH_BODY, body_of, key_of, version_of
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.http.pagination import CURSOR, DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.query import Moment, check_query, in_utc, moment, text
from entrypoints.api.http.responses import JSON
from entrypoints.api.notices.presenters import etag, notice_detail, notice_list, notice_response
from entrypoints.api.notices.schemas import DeliveryBody, IssueBody, NoticeDetail, NoticeList, NoticeResponse

PATH = "/api/v1/notices"
ONE = PATH + "/{notice_id:uuid}"
ETAG = ResponseHeader(name="ETag", documentation_only=True, description="The version of the notice.")
IF_MATCH = HeaderParameter(
    name="If-Match",
    description="The `ETag` of the notice as the caller read it, so that no change is lost. Required.",
)
_StateText = Literal["due", "issued", "delivered", "cancelled"]
_KindText = Literal["adverse_action", "counter_offer", "incomplete"]
_FormatText = Literal["pdf", "html"]
_STATE = QueryParameter(name="state", description=f"one of {', '.join(state.value for state in NoticeState)}")
_KIND = QueryParameter(description=f"one of {', '.join(kind.value for kind in NoticeKind)}")
_OVERDUE = QueryParameter(description="true lists the notices that were not sent by their due time")
_OF_APPLICATION = QueryParameter(description="the identifier of the application, that of its first decision")
_OF_DECISION = QueryParameter(description="the identifier of the decision")
_FORMAT = QueryParameter(name="format", description="pdf or html")
_MEDIA_TYPES = {LetterFormat.PDF: "application/pdf", LetterFormat.HTML: "text/html"}
_STYLED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
"""A letter has its styles in itself, and neither scripts nor links to other resources."""


@read(PATH, response_headers=[LINK], responses=secured_problems())
async def list_notices(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    in_state: Annotated[_StateText | None, _STATE] = None,
    kind: Annotated[_KindText | None, _KIND] = None,
    overdue: Annotated[bool, _OVERDUE] = False,
    application_id: Annotated[UUID | None, _OF_APPLICATION] = None,
    decision_id: Annotated[UUID | None, _OF_DECISION] = None,
    requested_by: Annotated[str | None, text("the user who requested the application's first decision")] = None,
    due_before: Annotated[Moment | None, moment("exclusive")] = None,
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, CURSOR] = None,
) -> Response[NoticeList]:
    """List notices.

    Those on decisions that the caller may read, the earliest due time first. A decision or an action makes its
    notice due within seconds.
    """
    check_query(request)
    wanted = NoticeFilter(
        states=frozenset({NoticeState(in_state)} if in_state else NoticeState),
        kind=NoticeKind(kind) if kind else None,
        overdue_at=use_cases.clock.now() if overdue else None,
        application_id=application_id,
        decision_id=decision_id,
        requested_by=requested_by,
        due_before=in_utc(due_before),
    )
    page = await use_cases.notices.list_notices(wanted, by=caller, limit=limit, cursor=cursor)
    return Response(notice_list(page, use_cases.clock.now()), headers=link_to_next(request, page.next_cursor))


@read(ONE, response_headers=[ETAG], responses=secured_problems(404))
async def read_notice(
    notice_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[NoticeDetail]:
    """Read a notice.

    With everything that was done with it.
    """
    view = await use_cases.notices.read_notice(notice_id, by=caller)
    return Response(notice_detail(view, use_cases.clock.now()), headers={"ETag": etag(view.notice)})


@read(ONE + "/preview", media_type="application/pdf", responses=secured_problems(404, 409))
async def preview_notice(
    *,
    request: Request[Any, Any, Any],
    notice_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    form: Annotated[_FormatText, _FORMAT] = "pdf",
) -> Response[bytes]:
    """Preview the letter of a notice.

    As it would be issued now, without an addressee. Nothing is recorded. If something required is missing, the
    problem says what.
    """
    check_query(request)
    wanted = LetterFormat(form)
    letter = (await use_cases.notices.preview(notice_id, by=caller)).letter
    content = letter.pdf if wanted is LetterFormat.PDF else letter.html
    return _letter(content, wanted, f"preview-{notice_id}")


@post(
    ONE + "/issue",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=IssueBody),
)
async def issue_notice(
    *,
    request: Request[Any, Any, Any],
    notice_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[NoticeResponse]:
    """Issue a notice.

    Makes its letter and keeps the exact bytes; their SHA-256 is on the audit trail. If something required is
    missing, the problem says what.
    """
    wanted = await body_of(request, caller, IssueBody, Permission.ISSUE_NOTICES)
    seen, key = version_of(if_match, "notice"), key_of(request)
    to = wanted.addressee
    addressee = None if to is None else Addressee(to.name, tuple(to.address))
    result = await use_cases.notices.issue(notice_id, by=caller, seen=seen, addressee=addressee, key=key)
    return _changed(use_cases, result)


@post(
    ONE + "/delivery",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=DeliveryBody),
)
async def record_delivery(
    *,
    request: Request[Any, Any, Any],
    notice_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[NoticeResponse]:
    """Record how the letter of a notice was delivered, or that it came back.

    A letter that came back can be delivered again, another way.
    """
    wanted = await body_of(request, caller, DeliveryBody, Permission.ISSUE_NOTICES)
    result = await use_cases.notices.record_delivery(
        notice_id,
        DeliveryMethod(wanted.method),
        wanted.on,
        by=caller,
        seen=version_of(if_match, "notice"),
        returned=wanted.returned,
        text=wanted.text,
        key=key_of(request),
    )
    return _changed(use_cases, result)


@read(ONE + "/letter", media_type="application/pdf", responses=secured_problems(404, 409))
async def read_letter(
    *,
    request: Request[Any, Any, Any],
    notice_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    form: Annotated[_FormatText, _FORMAT] = "pdf",
) -> Response[bytes]:
    """Read the letter of an issued notice.

    Always the bytes that were issued. Bytes that were altered since are not sent.
    """
    check_query(request)
    wanted = LetterFormat(form)
    content = await use_cases.notices.read_letter(notice_id, wanted, by=caller)
    return _letter(content, wanted, f"notice-{notice_id}")


def _letter(content: bytes, form: LetterFormat, name: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'inline; filename="{name}.{form.value}"',
        "Content-Security-Policy": _STYLED,
    }
    return Response(content, media_type=_MEDIA_TYPES[form], headers=headers)


def _changed(use_cases: UseCases, result: NoticeResult) -> Response[NoticeResponse]:
    headers = {"ETag": etag(result.notice)}
    if result.replayed:
        headers[REPLAYED_HEADER.name] = "true"
    return Response(notice_response(result.notice, use_cases.clock.now()), headers=headers)


NOTICE_ROUTES = (list_notices, read_notice, preview_notice, issue_notice, record_delivery, read_letter)
