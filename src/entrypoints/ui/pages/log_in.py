"""Log in and log out: plain forms, so that password managers know them and the browser's cookie gets a new key."""

import math
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form
from nicegui import app, context, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from application.ports.log_in_attempts import TooManyAttempts
from application.ports.security_events import Result, SecurityEvent, SecurityEventKind
from application.use_cases.log_in import WrongCredentials
from domain.access.account import PasswordChangeRequired
from entrypoints.ui.faults import fault_of
from entrypoints.ui.formats import counted
from entrypoints.ui.frame import PRODUCT
from entrypoints.ui.sessions import ACCOUNT, NAME, first_page, local_path
from entrypoints.ui.theme import FAVICON
from entrypoints.ui.visits import Interface
from entrypoints.ui.widgets import Words, alert, box

_MESSAGES = {
    "credentials": ("The name or the password is wrong", "Check both and try again."),
    "elsewhere": ("That form came from another site", "Please log in here."),
}


_LONGEST_WAIT = 7
"""Digits of a number of seconds."""


def register(interface: Interface) -> None:
    """The page /login, and what its form and the button "Log out" are sent to."""

    @ui.page("/login", title=f"Log in · {PRODUCT}")
    def log_in_page(request: Request) -> Response | None:
        target = local_path(request.query_params.get("next"))
        actor = interface.sessions.actor(request)
        if actor is not None:
            return RedirectResponse(target or first_page(actor), status_code=303)
        query = request.query_params
        _build(target, query.get("fault", ""), query.get("reference", ""), query.get("wait", ""))
        return None

    @app.post("/login", include_in_schema=False)
    async def log_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        target: Annotated[str, Form(alias="next")] = "",
    ) -> Response:
        going = local_path(target)
        if not _sent_from_here(request):
            return _back(going, fault="elsewhere")
        try:
            address = request.client.host if request.client else ""
            account = await interface.use_cases.log_in(name.strip(), password, address=address)
            await interface.sessions.begin(request, account)
        except PasswordChangeRequired:
            request.session[NAME] = name.strip()
            return RedirectResponse(ACCOUNT, status_code=303)
        except WrongCredentials:
            return _back(going, fault="credentials")
        except TooManyAttempts as refused:
            return _back(going, fault="attempts", wait=str(math.ceil(refused.wait.total_seconds())))
        except Exception as error:
            return _back(going, fault="unexpected", reference=fault_of(error, where="/login").reference)
        return RedirectResponse(going or first_page(account.actor), status_code=303)

    @app.post("/logout", include_in_schema=False)
    async def log_out(request: Request) -> Response:
        if _sent_from_here(request):
            actor = interface.sessions.actor(request)
            await interface.sessions.end(request)
            if actor is not None:
                ended = SecurityEvent(SecurityEventKind.SESSION_ENDED, Result.SUCCEEDED, actor.name)
                interface.use_cases.security_events.record(ended)
        return RedirectResponse("/login", status_code=303)


def _sent_from_here(request: Request) -> bool:
    """Whether the form stood on our page; browsers too old to say are trusted with the cookie's SameSite."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def _back(going: str | None, **told: str) -> Response:
    query = told | ({"next": going} if going else {})
    return RedirectResponse(f"/login?{urlencode(query)}", status_code=303)


def _waiting(wait: str) -> str:
    """When to try again, from a number of seconds that came with the address."""
    if not wait.isdecimal() or len(wait) > _LONGEST_WAIT:
        return "Please try again later."
    minutes = math.ceil(int(wait) / 60)
    return f"Please try again in {counted(minutes, 'minute', 'minutes')}."


def _build(target: str | None, fault: str, reference: str, wait: str) -> None:
    context.client.content.classes("bare")
    with box("main", "door"), box("section", "door-card"):
        with box("div", "door-brand"):
            ui.html(FAVICON, sanitize=False, tag="span").classes("mark")
            Words("span", PRODUCT)
        Words("h1", "Log in")
        Words("p", "Calibrated credit decisions, explained and on record.", "note")
        if fault in _MESSAGES:
            alert(_MESSAGES[fault][1], "bad", title=_MESSAGES[fault][0])
        elif fault == "attempts":
            alert(_waiting(wait), "bad", title="Logging in failed too often")
        elif fault:
            alert(f"Please try again. Reference {reference}", "bad", title="Logging in does not work right now")
        with box("form", "door-form").props("method=post action=/login"):
            if target:
                box("input").props("type=hidden name=next").props["value"] = target
            name = ui.input("Name").props("outlined stack-label name=name autocomplete=username autofocus")
            name.props('required autocapitalize=none spellcheck=false input-class="plain"')
            password = ui.input("Password", password=True, password_toggle_button=True)
            password.props("outlined stack-label name=password autocomplete=current-password required")
            with box("button", "button button-main button-wide").props("type=submit"):
                Words("span", "Log in")
