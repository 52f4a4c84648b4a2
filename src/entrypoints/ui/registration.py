"""All pages, put where NiceGUI finds them."""

from nicegui import Client, app, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from application.catalogue import UseCases
from entrypoints.ui import theme
from entrypoints.ui.faults import NOT_FOUND, show_fault
from entrypoints.ui.frame import PRODUCT, frame
from entrypoints.ui.pages import (
    account,
    audit,
    batch,
    batches,
    decision,
    decisions,
    log_in,
    new_application,
    overview,
)
from entrypoints.ui.sessions import FRONT_DOOR, Sessions, first_page
from entrypoints.ui.visits import Interface

_FOR_EVER = "public, max-age=31536000, immutable"


def register_pages(use_cases: UseCases, *, version: str = "") -> None:
    """Every page of the interface over these use cases; `version` stands at the foot of each."""
    interface = Interface(use_cases, Sessions(use_cases.web_sessions), version)
    _register_stylesheet()
    for page in (log_in, account, new_application, overview, decisions, decision, batches, batch, audit):
        page.register(interface)
    _register_not_found(interface)


def _register_stylesheet() -> None:
    sheet = theme.stylesheet()
    address = f"/assets/{theme.fingerprint(sheet)}.css"

    @app.get(address, include_in_schema=False)
    async def stylesheet() -> Response:
        return Response(sheet, media_type="text/css", headers={"Cache-Control": _FOR_EVER})

    app.colors(
        primary=theme.COLOURS["accent"],
        positive=theme.COLOURS["approved"],
        negative=theme.COLOURS["declined"],
        warning=theme.COLOURS["referred"],
    )
    ui.add_head_html(f'<link rel="stylesheet" href="{address}">', shared=True)
    ui.add_head_html(f'<meta name="theme-color" content="{theme.COLOURS["brand-deep"]}">', shared=True)


def _register_not_found(interface: Interface) -> None:
    @app.exception_handler(404)
    async def not_found(request: Request, _: Exception) -> Response:
        if request.url.path.startswith(("/_nicegui", "/assets")):
            return PlainTextResponse("not found", status_code=404)
        with Client(ui.page("", title=f"Not found · {PRODUCT}"), request=request) as client:
            actor = interface.sessions.actor(request)
            with frame(actor, here="", version=interface.version) as content, content:
                show_fault(NOT_FOUND, FRONT_DOOR if actor is None else first_page(actor))
            return client.build_response(request, 404)
