"""Pages for people who are logged in: who visits, and what becomes of a page that cannot be shown."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import context, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from application.catalog import UseCases
from domain.access.user import Actor
from entrypoints.ui.access.sessions import FRONT_DOOR, LoggedOut, Sessions, first_page, log_in_address
from entrypoints.ui.shared.error_messages import fault_of, show_fault
from entrypoints.ui.shared.layout import PRODUCT, frame

PATIENCE = 20.0
"""Seconds until a page gives up waiting for its use case."""


@dataclass(frozen=True, slots=True)
class Interface:
    """What every page is built from."""

    use_cases: UseCases
    sessions: Sessions
    version: str


@dataclass(frozen=True, slots=True)
class PageContext:
    """Somebody on a page."""

    interface: Interface
    request: Request

    @property
    def use_cases(self) -> UseCases:
        """What can be asked."""
        return self.interface.use_cases

    def actor(self, *, active: bool = True) -> Actor:
        """Who is logged in now; raises LoggedOut when that has ended since the page was opened.

        A timer's look is not `active`: it does not keep the session from expiring.
        """
        actor = self.interface.sessions.actor(self.request, active=active)
        if actor is None:
            raise LoggedOut("the session has ended")
        return actor


Build = Callable[[PageContext], Awaitable[None]]


def add_page(interface: Interface, path: str, title: str, build: Build, *, here: str = "") -> None:
    """A page for people who are logged in; others are sent to log in, and come back."""

    @ui.page(path, title=f"{title} · {PRODUCT}", response_timeout=PATIENCE)
    async def page(request: Request) -> Response | None:
        visit = PageContext(interface, request)
        try:
            actor = visit.actor()
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        request.state.observed = {"actor": actor.name, "role": actor.role.value}  # for the line of the request
        start = first_page(actor)
        if path == FRONT_DOOR != start:
            return RedirectResponse(start, status_code=303)
        with frame(actor, here=here, version=interface.version) as content:
            try:
                await build(visit)
            except Exception as error:
                fault = fault_of(error, where=path)
                context.client.status_code = fault.status
                content.clear()
                with content:
                    show_fault(fault, start)
        return None
