"""Renders the applicant's pages: plain HTML without scripts, in the colors of the theme."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from application.use_cases.reconsiderations.ask_for_reconsideration import CheckedRequest
from application.use_cases.reconsiderations.read_applicant_page import ApplicantPage
from domain.reconsiderations.reconsideration import ReconsiderationKind
from entrypoints.ui.reconsiderations.applicant_view import FIELD_PREFIX, applicant_view, review_lines
from entrypoints.ui.shared import theme
from entrypoints.ui.shared.root_path import address

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""The address of the page is a secret, so no other site, cache or search engine may learn it."""


def _stylesheet() -> str:
    """The colors of the theme, light or dark as the system asks for, and the rules of these pages."""
    both = (
        "".join(f"--{name}: {color.light};" for name, color in theme.COLORS.items()),
        "".join(f"--{name}: {color.dark};" for name, color in theme.COLORS.items()),
    )
    rules = (theme.ASSETS / "applicant.css").read_text(encoding="utf-8")
    return (
        f":root{{color-scheme:light dark;{both[0]}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{both[1]}}}}}\n{rules}"
    )


STYLESHEET = _stylesheet()
STYLESHEET_PATH = f"/assets/applicant-{sha256(STYLESHEET.encode()).hexdigest()[:12]}.css"
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True, undefined=StrictUndefined
)
_templates.globals.update(address=address, stylesheet=STYLESHEET_PATH)


def status_page(
    token: str,
    page: ApplicantPage,
    *,
    entered: dict[str, str] | None = None,
    text: str = "",
    faults: dict[str, str] | None = None,
    kind: str = "",
    status: int = 200,
) -> Response:
    """The page of an application; after a form that cannot be used with what was entered and is wrong."""
    view = applicant_view(page, entered, faults)
    known = {each.name.removeprefix(FIELD_PREFIX) for each in view.inputs} | {"text"}
    others = {fault: None for name, fault in (faults or {}).items() if name not in known}  # each once
    return _page(
        "applicant.html",
        status,
        token=token,
        view=view,
        form=uuid4().hex,
        text=text,
        text_fault=(faults or {}).get("text", ""),
        others=others,
        faulty=bool(faults),
        kind=kind,
    )


def review_page(token: str, checked: CheckedRequest) -> Response:
    """What is about to be sent, for review."""
    wanted = checked.wanted
    hidden = {FIELD_PREFIX + name: value for name, value in wanted.entered.items()}
    return _page(
        "applicant_review.html",
        200,
        token=token,
        synthetic=checked.synthetic,
        corrects=wanted.kind is ReconsiderationKind.CORRECTION,
        lines=review_lines(checked),
        text=wanted.text.strip(),
        hidden={**hidden, "kind": wanted.kind.value, "text": wanted.text, "form": wanted.form},
    )


def message_page(status: int, title: str, text: str, *, token: str = "") -> Response:
    """A page with a message; with the token of a valid link, it leads back to the application."""
    return _page("applicant_message.html", status, title=title, text=text, token=token)


def not_valid_page() -> Response:
    """The same page for every link that opens nothing."""
    text = "It may be incomplete, have expired, or have been replaced. Ask the lender for a new one."
    return message_page(404, "This link is not valid", text)


def _page(template: str, status: int, **values: Any) -> Response:
    html = _templates.get_template(template).render(values)
    return HTMLResponse(html, status_code=status, headers=_HEADERS)
