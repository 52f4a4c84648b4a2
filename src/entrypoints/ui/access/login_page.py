"""Log in and log out with plain HTML forms, which password managers support. Logging in renews the session key."""

import math

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from application.ports.access.login_attempts import TooManyAttempts
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind
from application.use_cases.access.log_in import InvalidCredentials
from domain.access.account import PasswordChangeRequired
from entrypoints.ui.access.plain_pages import log_in_form
from entrypoints.ui.access.sessions import ACCOUNT, PENDING_USERNAME, first_page, local_path
from entrypoints.ui.http.socket_guard import close_ended_pages
from entrypoints.ui.http.template_route import TemplateRoute
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.page_context import Interface


def routes(interface: Interface) -> list[Route]:
    """Routes of /login and /logout. `request_guard.py` has read the bodies."""

    async def show_form(request: Request) -> Response:
        target = local_path(request.query_params.get("next"))
        actor = interface.sessions.actor(request)
        if actor is None:
            return log_in_form(target=target)
        return RedirectResponse(target or first_page(actor), status_code=303)

    async def log_in(request: Request) -> Response:
        form = await request.form()
        name, password, next_page = (str(form.get(field, "")) for field in ("name", "password", "next"))
        target = local_path(next_page)
        try:
            address = request.client.host if request.client else ""
            account = await interface.use_cases.log_in(name.strip(), password, address=address)
            await interface.sessions.begin(request, account)
        except PasswordChangeRequired:
            await interface.sessions.end(request)  # /account applies to the logged-in user first
            request.session[PENDING_USERNAME] = name.strip()
            return RedirectResponse(ACCOUNT, status_code=303)
        except InvalidCredentials:
            title, text = "Incorrect username or password", "Check both and try again."
            return log_in_form(target=target, title=title, text=text, name=name, status=400)
        except TooManyAttempts as refused:
            return _too_many_attempts(refused, target, name)
        except Exception as error:
            message = error_message_for(error, where="/login")
            title, text = "Login unavailable", message.details
            return log_in_form(target=target, title=title, text=text, name=name, status=message.status)
        return RedirectResponse(target or first_page(account.actor), status_code=303)

    async def log_out(request: Request) -> Response:
        actor = interface.sessions.actor(request)
        await interface.sessions.end(request)
        request.session.clear()
        if actor is not None:
            ended = SecurityEvent(SecurityEventKind.SESSION_ENDED, Result.SUCCEEDED, actor.name)
            interface.use_cases.security_events.record(ended)
            await close_ended_pages(interface.sessions)
        return RedirectResponse("/login", status_code=303)

    return [
        TemplateRoute("/login", show_form),
        TemplateRoute("/login", log_in, methods=["POST"]),
        TemplateRoute("/logout", log_out, methods=["POST"]),
    ]


def _too_many_attempts(refused: TooManyAttempts, target: str | None, name: str) -> Response:
    seconds = math.ceil(refused.wait.total_seconds())
    text = f"Try again in {counted(math.ceil(seconds / 60), 'minute', 'minutes')}."
    answer = log_in_form(target=target, title="Too many attempts", text=text, name=name, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer
