"""Access tokens, and changing one's own password."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, post
from litestar.di import NamedDependency

from application.catalog import UseCases
from entrypoints.api.access.schemas import PasswordChange, TokenRequest, TokenResponse
from entrypoints.api.http.declarations import problems, request_body
from entrypoints.api.http.problems import FieldError, RequestRejected
from entrypoints.api.http.request_body import read_body, require_media_type

FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 8 * 1024
_MOST_FIELDS = 20


@post(
    "/api/v1/auth/token",
    status_code=200,
    responses=problems(403, 408, 413, 415),
    operation_class=request_body(FORM, form=TokenRequest),
)
async def issue_token(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases]
) -> Response[TokenResponse]:
    """Get an access token.

    OAuth2's password grant (RFC 6749, section 4.3).
    """
    form, errors = await _read_form(request, TokenRequest.__struct_fields__)
    if errors:
        detail = "Send grant_type=password, username and password, each once."
        raise _invalid_token_request(detail, "invalid_request", errors)
    if form["grant_type"] != "password":
        raise _invalid_token_request("The only supported grant_type is password.", "unsupported_grant_type")
    issued = await use_cases.issue_access_token(form["username"], form["password"], address=_address(request))
    token = TokenResponse(issued.token, "bearer", int(issued.lifetime.total_seconds()))
    return Response(token, headers={"Pragma": "no-cache"})


@post(
    "/api/v1/auth/password",
    status_code=204,
    responses=problems(408, 413, 415, 422),
    operation_class=request_body(FORM, form=PasswordChange),
)
async def change_password(request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases]) -> None:
    """Change one's own password.

    Needs no access token, so that users who must change their password first can do so. All access tokens and
    sessions of the user end.
    """
    form, errors = await _read_form(request, PasswordChange.__struct_fields__)
    if errors:
        detail = "Send username, current_password and new_password, each once."
        raise RequestRejected(400, "invalid-password-request", "Invalid password request", detail, errors=errors)
    await use_cases.change_own_password(
        form["username"], form["current_password"], form["new_password"], address=_address(request)
    )


async def _read_form(
    request: Request[Any, Any, Any], fields: Sequence[str]
) -> tuple[dict[str, str], list[FieldError]]:
    """The values of a form, and the errors of the fields that are required."""
    headers = dict(request.scope["headers"])
    require_media_type(FORM, headers)
    body = await read_body(request.receive, headers, limit=LARGEST_BODY)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}, [FieldError("", f"the body is not a form of at most {_MOST_FIELDS} fields in UTF-8")]
    form = dict(pairs)
    given = [name for name, _ in pairs]
    errors = [FieldError(name, "is missing") for name in fields if not form.get(name)]
    errors += [FieldError(name, "is given more than once") for name in fields if given.count(name) > 1]
    return form, errors


def _invalid_token_request(detail: str, error: str, errors: Sequence[FieldError] = ()) -> RequestRejected:
    return RequestRejected(
        400, "invalid-token-request", "Invalid token request", detail, errors=errors, error=error
    )


def _address(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


ACCESS_ROUTES = (issue_token, change_password)
