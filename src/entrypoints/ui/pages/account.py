"""Change one's own password: a plain form, for people who are logged in and for those who must do this first."""

import math
from html import escape
from typing import Annotated

from fastapi import Form
from nicegui import app
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from application.ports.log_in_attempts import TooManyAttempts
from application.use_cases.log_in import WrongCredentials
from domain.access.password_policy import LONGEST_PASSWORD, SHORTEST_PASSWORD, PasswordNotAllowed
from domain.access.user import Actor
from entrypoints.ui import theme
from entrypoints.ui.faults import fault_of
from entrypoints.ui.formats import counted
from entrypoints.ui.frame import PRODUCT
from entrypoints.ui.pages.log_in import _sent_from_here
from entrypoints.ui.sessions import ACCOUNT, NAME, first_page
from entrypoints.ui.visits import Interface

_WHAT_ENDS = "All your other sessions end, and so do your access tokens."


def register(interface: Interface) -> None:
    """The page /account, and what its form is sent to."""

    @app.get(ACCOUNT, include_in_schema=False)
    async def account_page(request: Request) -> Response:
        return _form(interface, request)

    @app.post(ACCOUNT, include_in_schema=False)
    async def change_password(
        request: Request,
        name: Annotated[str, Form()] = "",
        current: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        repeat: Annotated[str, Form()] = "",
    ) -> Response:
        actor = interface.sessions.actor(request)
        name = name.strip() if actor is None else actor.name
        address = request.client.host if request.client else ""
        try:
            _check(request, new, repeat)
            account = await interface.use_cases.change_own_password(name, current, new, address=address)
            await interface.sessions.begin(request, account)
        except Exception as error:
            status, text = _explained(error)
            return _form(interface, request, text, status=status)
        return _changed(account.actor)


class _Rejected(Exception):
    """The form cannot be used as sent; the text says why and what to do."""


def _check(request: Request, new: str, repeat: str) -> None:
    if not _sent_from_here(request):
        raise _Rejected("That form came from another site. Please use this one.")
    if new != repeat:
        raise _Rejected("The two new passwords differ. Enter the same one twice.")


def _explained(error: Exception) -> tuple[int, str]:
    """The status and the text for a password that was not changed; what is unexpected is logged."""
    match error:
        case _Rejected():
            return 422, str(error)
        case PasswordNotAllowed():
            text = str(error)
            return 422, f"{text[0].upper()}{text[1:]}. Please choose another."
        case WrongCredentials():
            return 403, "The name or the current password is wrong. Check both and try again."
        case TooManyAttempts():
            minutes = counted(math.ceil(error.wait.total_seconds() / 60), "minute", "minutes")
            return 429, f"Too many attempts failed. Try again in {minutes}."
    fault = fault_of(error, where=ACCOUNT)
    return fault.status, f"{fault.title}. {fault.text} {fault.reference}".strip()


def _changed(actor: Actor) -> Response:
    return _page(
        "Password changed",
        '<div class="alert alert-good" role="status"><p>Your new password is in force. Your other sessions have '
        "ended, and so have your access tokens.</p></div>"
        f'<a class="button button-wide" href="{first_page(actor)}">Continue</a>',
    )


def _form(interface: Interface, request: Request, fault: str = "", *, status: int = 200) -> Response:
    actor = interface.sessions.actor(request)
    if actor is not None:
        name, note, back = actor.name, _WHAT_ENDS, (first_page(actor), "Back")
    else:
        name, back = str(request.session.get(NAME, "")), ("/login", "Log in")
        note = f"Choose a password of your own to go on. {_WHAT_ENDS}" if name else _WHAT_ENDS
    alert = f'<div class="alert alert-bad" role="alert"><p>{escape(fault)}</p></div>' if fault else ""
    limits = f"minlength={SHORTEST_PASSWORD} maxlength={LONGEST_PASSWORD} autocomplete=new-password"
    hint = f"At least {SHORTEST_PASSWORD} characters; several words are easiest to remember."
    return _page(
        "Change password",
        f'<p class="note">{escape(note)}</p>{alert}'
        f'<form class="door-form" method="post" action="{ACCOUNT}">'
        f'<label>Name<input name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" '
        f'spellcheck="false" required {"readonly" if name else "autofocus"}></label>'
        '<label>Current password<input type="password" name="current" autocomplete="current-password" required '
        f"{'autofocus' if name else ''}></label>"
        f'<label>New password<input type="password" name="new" aria-describedby="hint" {limits} required></label>'
        f'<p class="note" id="hint">{hint}</p>'
        f'<label>New password again<input type="password" name="repeat" {limits} required></label>'
        '<button class="button button-wide" type="submit">Change password</button></form>'
        f'<a class="door-back" href="{back[0]}">{back[1]}</a>',
        status=status,
    )


def _page(title: str, content: str, *, status: int = 200) -> Response:
    sheet = f"/assets/{theme.fingerprint(theme.stylesheet())}.css"
    return HTMLResponse(
        f'<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>{title} · {PRODUCT}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{sheet}"></head><body class="plain-page">'
        '<main class="door"><section class="door-card"><div class="door-brand">'
        f'<span class="mark">{theme.FAVICON}</span><span>{PRODUCT}</span></div>'
        f"<h1>{title}</h1>{content}</section></main></body></html>",
        status_code=status,
    )
