"""Change password: a form for logged-in users, and for users who must change it before they can log in."""

import math

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from application.ports.access.login_attempts import TooManyAttempts
from application.use_cases.access.log_in import InvalidCredentials
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import Actor
from entrypoints.ui.access.plain_pages import password_changed_page, password_form
from entrypoints.ui.access.sessions import ACCOUNT, PENDING_USERNAME, first_page
from entrypoints.ui.http.template_route import TemplateRoute
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.formats import counted, sentence
from entrypoints.ui.shared.page_context import Interface

_FIELDS = ("name", "current", "new", "repeat")


def routes(interface: Interface) -> list[Route]:
    """Routes of /account. `request_guard.py` has read the body."""

    async def show_form(request: Request) -> Response:
        return _form(request, interface.sessions.actor(request))

    async def change_password(request: Request) -> Response:
        form = await request.form()
        typed, current, new, repeat = (str(form.get(field, "")) for field in _FIELDS)
        actor = interface.sessions.actor(request)
        address = request.client.host if request.client else ""
        if new != repeat:
            return _form(request, actor, "The new passwords do not match. Enter the same one twice.", status=422)
        name = typed.strip() if actor is None else actor.name
        try:
            account = await interface.use_cases.change_own_password(name, current, new, address=address)
            await interface.sessions.begin(request, account)
        except Exception as error:
            status, text = _explained(error)
            return _form(request, actor, text, status=status)
        return password_changed_page(next_page=first_page(account.actor))

    return [TemplateRoute(ACCOUNT, show_form), TemplateRoute(ACCOUNT, change_password, methods=["POST"])]


def _explained(error: Exception) -> tuple[int, str]:
    """The status and text for a password that was not changed; unexpected errors are logged."""
    match error:
        case PasswordNotAllowed():
            return 422, f"{sentence(str(error))} Choose another password."
        case InvalidCredentials():
            return 403, "Incorrect username or current password. Check both and try again."
        case TooManyAttempts():
            minutes = counted(math.ceil(error.wait.total_seconds() / 60), "minute", "minutes")
            return 429, f"Too many attempts. Try again in {minutes}."
    message = error_message_for(error, where=ACCOUNT)
    return message.status, f"{message.title}. {message.details}"


def _form(request: Request, actor: Actor | None, text: str = "", *, status: int = 200) -> Response:
    name = str(request.session.get(PENDING_USERNAME, "")) if actor is None else actor.name
    return password_form(
        name=name,
        required=actor is None and bool(name),
        logged_in=actor is not None,
        text=text,
        back="/login" if actor is None else first_page(actor),
        status=status,
    )
