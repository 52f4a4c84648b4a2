"""The applicant's page: opened by a link, without a login, a script or a live connection.

The address is the only credential, and no cookie counts, so that another site cannot use it for the applicant.
What is sent is reviewed first. Each form has a random number: sent twice, it is one request.
"""

import math
from collections.abc import Coroutine
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from application.ports.access.request_rates import TooManyRequests
from application.use_cases.reconsiderations.ask_for_reconsideration import WantedRequest
from application.use_cases.reconsiderations.open_link import LinkNotValid
from application.use_cases.reconsiderations.reconsideration_use_cases import ReconsiderationUseCases
from domain.reconsiderations.reconsideration import ReconsiderationKind
from domain.reconsiderations.reconsideration_errors import ReconsiderationError
from domain.reconsiderations.request_content import InvalidRequest
from entrypoints.ui.http.template_route import TemplateRoute
from entrypoints.ui.reconsiderations.applicant_pages import (
    STYLESHEET,
    STYLESHEET_PATH,
    message_page,
    not_valid_page,
    review_page,
    status_page,
)
from entrypoints.ui.reconsiderations.applicant_view import FIELD_PREFIX
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.page_context import Interface
from entrypoints.ui.shared.root_path import address

PATH = "/applicant/{token}"
_LONGEST_FORM_NUMBER = 64
_KINDS = {kind.value: kind for kind in ReconsiderationKind}


def routes(interface: Interface) -> list[Route]:
    """Routes of the page and its style sheet. `request_guard.py` has read the bodies."""
    use_cases = interface.use_cases.reconsiderations

    async def show(request: Request) -> Response:
        return await _answered(request, _show(request, use_cases))

    async def submit(request: Request) -> Response:
        return await _answered(request, _submit(request, use_cases))

    async def stylesheet(_: Request) -> Response:
        cached = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(STYLESHEET, media_type="text/css", headers=cached)

    return [
        TemplateRoute(PATH, show),
        TemplateRoute(PATH, submit, methods=["POST"]),
        Route(STYLESHEET_PATH, stylesheet),
    ]


async def _show(request: Request, use_cases: ReconsiderationUseCases) -> Response:
    token, client = _from(request)
    return status_page(token, await use_cases.applicant_page(token, address=client))


async def _submit(request: Request, use_cases: ReconsiderationUseCases) -> Response:
    """Review the form, send it after the review, or change it."""
    token, client = _from(request)
    form = await request.form()
    wanted = _wanted(form)
    if wanted is None:
        await use_cases.applicant_page(token, address=client)  # first, whether the link is valid
        text = "The form is incomplete. Go back to your application and fill it in again."
        return message_page(400, "The form could not be read", text, token=token)
    step = form.get("step")
    try:
        if step == "send":
            await use_cases.ask(token, wanted, address=client)
            return RedirectResponse(address(PATH.replace("{token}", token)), status_code=303)
        if step != "change":
            return review_page(token, await use_cases.check_request(token, wanted, address=client))
        faults: dict[str, str] = {}
    except InvalidRequest as invalid:
        faults = invalid.faults
    page = await use_cases.applicant_page(token, address=client)
    return status_page(
        token,
        page,
        entered=dict(wanted.entered),
        text=wanted.text,
        faults=faults,
        kind=wanted.kind.value,
        status=400 if faults else 200,
    )


async def _answered(request: Request, handling: Coroutine[Any, Any, Response]) -> Response:
    """The response, or the page for what prevents it."""
    try:
        return await handling
    except LinkNotValid:
        return not_valid_page()
    except TooManyRequests as refused:
        seconds = math.ceil(refused.wait.total_seconds())
        page = message_page(429, "Too many requests", "Wait a moment, then open the link again.")
        page.headers["Retry-After"] = str(max(1, seconds))
        return page
    except ReconsiderationError as refused:
        text = f"{_REFUSALS.get(refused.rule, 'It is not possible at the moment.')} Nothing was sent."
        return message_page(409, "Your request was not sent", text, token=_from(request)[0])
    except Exception as error:
        message = error_message_for(error, where=PATH)
        text = "Nothing was sent or changed. Try again in a few minutes."
        reference = f" Reference: {message.reference}." if message.reference else ""
        return message_page(max(message.status, 500), "This page is not available now", text + reference)


_REFUSALS = {
    "request-open": "Your earlier request is not answered yet.",
    "too-many-requests": "You have made as many requests as are possible. Call or write to the lender.",
    "nothing-to-reconsider": "There is no decision at the moment that this request could change.",
}


def _from(request: Request) -> tuple[str, str]:
    """The token in the path, and the client's address."""
    return request.path_params["token"], request.client.host if request.client else ""


def _wanted(form: FormData) -> WantedRequest | None:
    """What the form asks for; None where it is not one of this page."""
    kind, number = _KINDS.get(_text(form, "kind")), _text(form, "form")
    if kind is None or not 1 <= len(number) <= _LONGEST_FORM_NUMBER or not number.isalnum():
        return None
    entered = {
        name.removeprefix(FIELD_PREFIX): value
        for name, value in form.items()
        if name.startswith(FIELD_PREFIX) and isinstance(value, str)
    }
    return WantedRequest(kind, entered, _text(form, "text").replace("\r\n", "\n"), number)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
