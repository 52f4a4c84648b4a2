"""Registers all pages and public routes."""

from pathlib import Path
from secrets import token_bytes
from zoneinfo import ZoneInfo

import nicegui
from nicegui import Client, app, ui
from nicegui.staticfiles import CacheControlledStaticFiles
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from application.catalog import UseCases
from entrypoints.ui.access import account_page, login_page, own_sessions_page, user_page, users_page
from entrypoints.ui.access.plain_pages import NICEGUI_FILES, not_found_page
from entrypoints.ui.access.sessions import Sessions, first_page
from entrypoints.ui.applications import application_page, applications_page, new_application_page
from entrypoints.ui.audit import audit_page, report_page
from entrypoints.ui.batches import batch_page, batches_page
from entrypoints.ui.cases import case_page, cases_page
from entrypoints.ui.decisions import decision_page, decisions_page, evidence_download
from entrypoints.ui.monitoring import overrides_page, overview_page
from entrypoints.ui.notices import letter_download, notice_page, notices_page
from entrypoints.ui.outcomes import import_page, outcomes_page
from entrypoints.ui.reconsiderations import applicant_routes
from entrypoints.ui.shared import theme
from entrypoints.ui.shared.error_messages import NOT_FOUND, show_error_page
from entrypoints.ui.shared.layout import PRODUCT, frame
from entrypoints.ui.shared.page_context import Interface
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.time_zone import REMEMBER_TIME_ZONE, UTC_ZONE

_YEAR_SECONDS = 31_536_000
_CACHE_FOREVER = f"public, max-age={_YEAR_SECONDS}, immutable"

_GROUP_OPTIONS = (
    "[() => requestAnimationFrame(() => document.querySelectorAll('[role=listbox] > .q-virtual-scroll__content')"
    ".forEach((options) => options.setAttribute('role', 'group')))]"
)
"""Quasar puts a list's options into a focusable element without a role, where screen readers do not count them.

A list of handlers, because NiceGUI adds its own.
"""

_PAGES = (
    new_application_page,
    overview_page,
    overrides_page,
    decisions_page,
    decision_page,
    evidence_download,
    applications_page,
    application_page,
    cases_page,
    case_page,
    notices_page,
    notice_page,
    letter_download,
    outcomes_page,
    import_page,
    batches_page,
    batch_page,
    audit_page,
    report_page,
    users_page,
    user_page,
    own_sessions_page,
)


def register_pages(
    use_cases: UseCases, *, version: str = "", draft_secret: bytes = b"", lender_zone: ZoneInfo = UTC_ZONE
) -> Interface:
    """Register the pages for logged-in users; `version` is shown in the footer.

    Days of notices are those of `lender_zone`.
    Keys of drafts are derived from `draft_secret`; without one, drafts are lost when the process ends.
    """
    sessions = Sessions(use_cases.web_sessions)
    interface = Interface(use_cases, sessions, version, draft_secret or token_bytes(32), lender_zone)
    _register_theme()
    for page in _PAGES:
        page.register(interface)
    _register_not_found(interface)
    return interface


def public_routes(interface: Interface) -> list[BaseRoute]:
    """Routes without a session: login, logout, password change, the applicant's page, style sheets and fonts.

    NiceGUI's scripts need a session: up to 3 MB are compressed for each request.
    """
    sheet = theme.stylesheet()

    async def stylesheet(_: Request) -> Response:
        return Response(sheet, media_type="text/css", headers={"Cache-Control": _CACHE_FOREVER})

    async def fonts(_: Request) -> Response:
        return FileResponse(folder / "fonts.css", headers={"Cache-Control": _CACHE_FOREVER})

    folder = Path(nicegui.__file__).parent / "static"
    files = CacheControlledStaticFiles(
        directory=folder / "fonts", follow_symlink=True, max_cache_age=_YEAR_SECONDS
    )
    return [
        *login_page.routes(interface),
        *account_page.routes(interface),
        *applicant_routes.routes(interface),
        Route(theme.stylesheet_address(), stylesheet),
        Route(f"{NICEGUI_FILES}/fonts.css", fonts),
        Mount(f"{NICEGUI_FILES}/fonts", files),
    ]


def _register_theme() -> None:
    app.colors(
        primary="var(--accent)",
        positive="var(--approved)",
        negative="var(--declined)",
        warning="var(--referred)",
    )
    # Quasar's bar at the top of the page has no name for screen readers, and uploads show their own progress.
    app.config.quasar_config["loadingBar"]["skipHijack"] = True
    ui.select.default_props(f':onPopupShow="{_GROUP_OPTIONS}"')
    ui.add_head_html(f"<script>{theme.SCRIPT}</script>", shared=True)
    connection = (theme.ASSETS / "connection.js").read_text(encoding="utf-8")
    ui.add_head_html(f"<script>{connection}</script>", shared=True)
    ui.add_head_html(f'<link rel="stylesheet" href="{address(theme.stylesheet_address())}">', shared=True)
    ui.add_head_html(f'<meta name="theme-color" content="{theme.COLORS["header"].light}">', shared=True)
    ui.add_body_html(f"<script>{REMEMBER_TIME_ZONE}</script>", shared=True)


def _register_not_found(interface: Interface) -> None:
    @app.exception_handler(404)
    async def not_found(request: Request, _: Exception) -> Response:
        if request.scope["path"].startswith(("/_nicegui", "/assets")):
            return PlainTextResponse("not found", status_code=404)
        actor = interface.sessions.actor(request)
        if actor is None:
            return not_found_page(interface.version)
        with Client(ui.page("", title=f"Page not found · {PRODUCT}"), request=request) as client:
            with frame(actor, current="", version=interface.version) as content, content:
                show_error_page(NOT_FOUND, first_page(actor))
            return client.build_response(request, 404)
