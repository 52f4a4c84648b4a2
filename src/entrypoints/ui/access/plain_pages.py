"""Pages for people who are not logged in: plain HTML without a live connection, so that they cost no memory."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nicegui import __version__ as nicegui_version
from starlette.responses import HTMLResponse, Response

from domain.access.password_policy import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from entrypoints.ui.shared import theme
from entrypoints.ui.shared.layout import PRODUCT

NICEGUI_FILES = f"/_nicegui/{nicegui_version}/static"
"""Where fonts are served, and to people who are logged in what NiceGUI's pages load."""

_REVEAL_SCRIPT = """
const button = document.querySelector(".door-reveal"), field = document.querySelector("[name=password]");
button.hidden = false;
button.addEventListener("click", () => {
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.firstElementChild.textContent = shown ? "visibility_off" : "visibility";
  button.setAttribute("aria-pressed", String(!shown));
});
"""
_POLICY = (
    f"default-src 'none'; script-src 'sha256-{b64encode(sha256(_REVEAL_SCRIPT.encode()).digest()).decode()}'; "
    "style-src 'self'; font-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True, undefined=StrictUndefined
)
_templates.globals.update(
    product=PRODUCT,
    mark=theme.FAVICON,
    icon_address=f"data:image/svg+xml;base64,{b64encode(theme.FAVICON.encode()).decode()}",
    brand_colour=theme.COLOURS["brand-deep"],
    fonts=f"{NICEGUI_FILES}/fonts.css",
    stylesheet=theme.stylesheet_address(),
    reveal_script=_REVEAL_SCRIPT,
    shortest_password=MIN_PASSWORD_LENGTH,
    longest_password=MAX_PASSWORD_LENGTH,
)


def log_in_form(
    *, target: str | None, title: str = "", text: str = "", name: str = "", status: int = 200
) -> Response:
    """The form to log in, which then leads to `target`; with a message where an attempt failed."""
    return _page("log_in.html", status, target=target or "", title=title, text=text, name=name)


def password_form(*, name: str, required: bool, advice: str, text: str, back: str, status: int) -> Response:
    """The form to change one's password; `required` says that it must be changed before anything else.

    `advice` is for those who have no other page, `text` says why the password was not changed.
    """
    return _page("password.html", status, name=name, required=required, advice=advice, text=text, back=back)


def password_changed_page(*, next_page: str) -> Response:
    """The password was changed."""
    return _page("password_changed.html", 200, next_page=next_page)


def not_found_page(version: str) -> Response:
    """Status 404."""
    return _message(404, "search_off", "Page not found", "Check the address, or log in.", version)


def refused_page(status: int, text: str) -> Response:
    """A request that is refused before it is looked at; the connection closes, as its body may be unread."""
    answer = _message(status, "block", "Request refused", text, version="")
    answer.headers["Connection"] = "close"
    return answer


def _message(status: int, sign: str, title: str, text: str, version: str) -> Response:
    return _page("message.html", status, sign=sign, title=title, text=text, version=version)


def _page(template: str, status: int, **values: str | bool) -> Response:
    html = _templates.get_template(template).render(values)
    return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": _POLICY})
