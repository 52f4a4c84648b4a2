"""POST /api/v1/auth/password: change one's own password.

The name and the current password say who asks, as for a token: so a user who must change the password before
anything else, and gets no token until then, can do it here.
"""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency

from application.catalog import UseCases
from entrypoints.api.access.tokens import FORM, LARGEST_BODY, form_fields
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import PRIVATE

PATH = "/api/v1/auth/password"
FIELDS = ("username", "current_password", "new_password")


@post(PATH, status_code=204)
async def change_password(request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases]) -> Response[None]:
    """Replace the password; every token and session of the user ends."""
    headers = dict(request.scope["headers"])
    require_media_type(FORM, headers)
    form, faults = form_fields(await read_body(request.receive, headers, limit=LARGEST_BODY), FIELDS)
    if faults:
        needed = "send username, current_password and new_password, each once"
        raise RequestRejected(400, "invalid-password-request", "Invalid password request", needed, errors=faults)
    address = request.client.host if request.client else ""
    await use_cases.change_own_password(
        form["username"], form["current_password"], form["new_password"], address=address
    )
    return Response(None, status_code=204, headers=dict(PRIVATE))
