"""Pages for users who are not logged in: HTML without a live connection, so that they use no server memory."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nicegui import __version__ as nicegui_version
from starlette.responses import HTMLResponse, Response

from domain.access.password_policy import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from entrypoints.ui.shared import theme
from entrypoints.ui.shared.layout import PRODUCT
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.time_zone import REMEMBER_TIME_ZONE

NICEGUI_FILES = f"/_nicegui/{nicegui_version}/static"
"""The address of the fonts and of NiceGUI's scripts; the scripts need a session."""

_LOGIN_SCRIPT = (
    """
const button = document.querySelector(".password-toggle"), field = document.querySelector("[name=password]");
button.hidden = false;
button.addEventListener("click", () => {
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.firstElementChild.textContent = shown ? "visibility_off" : "visibility";
  button.setAttribute("aria-pressed", String(!shown));
});
"""
    + REMEMBER_TIME_ZONE
)


def _hash(script: str) -> str:
    """The source of an inline script in a content security policy."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


_POLICY = (
    f"default-src 'none'; script-src {_hash(theme.SCRIPT)} {_hash(_LOGIN_SCRIPT)}; "
    "style-src 'self'; font-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True, undefined=StrictUndefined
)
_templates.globals.update(
    address=address,
    product=PRODUCT,
    mark=theme.FAVICON,
    icon_address=f"data:image/svg+xml;base64,{b64encode(theme.FAVICON.encode()).decode()}",
    brand_color=theme.COLORS["header"].light,
    fonts=f"{NICEGUI_FILES}/fonts.css",
    stylesheet=theme.stylesheet_address(),
    login_script=_LOGIN_SCRIPT,
    theme_script=theme.SCRIPT,
    shortest_password=MIN_PASSWORD_LENGTH,
    longest_password=MAX_PASSWORD_LENGTH,
)


def log_in_form(
    *, target: str | None, title: str = "", text: str = "", name: str = "", status: int = 200
) -> Response:
    """The login form, which leads to `target`; with an error message after a failed attempt."""
    return _page("log_in.html", status, target=target or "", title=title, text=text, name=name)


def password_form(*, name: str, required: bool, logged_in: bool, text: str, back: str, status: int) -> Response:
    """The form to change a password.

    `required` means that the user must change it before logging in, `text` is the error.
    """
    return _page("password.html", status, name=name, required=required, logged_in=logged_in, text=text, back=back)


def password_changed_page(*, next_page: str) -> Response:
    return _page("password_changed.html", 200, next_page=next_page)


def not_found_page(version: str) -> Response:
    return _message(404, "search_off", "Page not found", "Check the address, or log in.", version)


def rejected_page(status: int, text: str) -> Response:
    """The page for a rejected request; the connection closes, because the body may be unread."""
    answer = _message(status, "block", "Request rejected", text, version="")
    answer.headers["Connection"] = "close"
    return answer


def _message(status: int, icon_name: str, title: str, text: str, version: str) -> Response:
    return _page("message.html", status, icon_name=icon_name, title=title, text=text, version=version)


def _page(template: str, status: int, **values: str | bool) -> Response:
    html = _templates.get_template(template).render(values)
    return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": _POLICY})
