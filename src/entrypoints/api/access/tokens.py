"""POST /api/v1/auth/token: a password for an access token (OAuth2's password form, RFC 6749, section 4.3)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, post
from litestar.di import NamedDependency

from application.catalog import UseCases
from entrypoints.api.decisions.schemas import TokenResponse
from entrypoints.api.http.problems import FieldError, RequestRejected
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import PRIVATE, reply

PATH = "/api/v1/auth/token"
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 8 * 1024
_NEEDED = ("grant_type", "username", "password")
_MOST_FIELDS = 20


@post(PATH, status_code=200)
async def issue_token(request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases]) -> Response[bytes]:
    """An access token for whoever knows the password."""
    headers = dict(request.scope["headers"])
    require_media_type(FORM, headers)
    form = _read_form(await read_body(request.receive, headers, limit=LARGEST_BODY))
    name = form["username"]
    address = request.client.host if request.client else ""
    issued = await use_cases.issue_access_token(name, form["password"], address=address)
    answer = TokenResponse(issued.token, "bearer", int(issued.lifetime.total_seconds()))
    return reply(answer, headers={**PRIVATE, "Pragma": "no-cache"})


def _read_form(body: bytes) -> dict[str, str]:
    """The form's fields; raises a refusal with RFC 6749's error code."""
    form, faults = form_fields(body, _NEEDED)
    if faults:
        raise _invalid(faults)
    if form["grant_type"] != "password":
        raise _refused("only grant_type=password is supported", "unsupported_grant_type")
    return form


def form_fields(body: bytes, needed: Sequence[str]) -> tuple[dict[str, str], list[FieldError]]:
    """The fields of a form, and what is wrong with those that are needed."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}, [FieldError("", f"the body is not a form of at most {_MOST_FIELDS} fields in UTF-8")]
    form = dict(pairs)
    given = [name for name, _ in pairs]
    faults = [FieldError(name, "is missing") for name in needed if not form.get(name)]
    faults += [FieldError(name, "is given more than once") for name in needed if given.count(name) > 1]
    return form, faults


def _invalid(faults: list[FieldError]) -> RequestRejected:
    needed = "send grant_type=password, username and password, each once"
    return _refused(needed, "invalid_request", faults)


def _refused(detail: str, error: str, faults: list[FieldError] | None = None) -> RequestRejected:
    return RequestRejected(
        400, "invalid-token-request", "The token request is not valid", detail, errors=faults or (), error=error
    )
