"""Pages for logged-in users: access to use cases, the current actor, and error handling."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from application.catalog import UseCases
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.user import Actor
from entrypoints.ui.access.sessions import HOME, LoggedOut, Sessions, first_page, log_in_address
from entrypoints.ui.shared.error_messages import error_message_for, show_error_page
from entrypoints.ui.shared.layout import PRODUCT, frame
from entrypoints.ui.shared.navigation_counts import NavigationCounts
from entrypoints.ui.shared.time_zone import COOKIE, UTC_ZONE, Moment, zone_named

RESPONSE_TIMEOUT = 20.0
"""Seconds a page waits for its use case."""


@dataclass(frozen=True, slots=True)
class Interface:
    """What every page needs: the use cases, the sessions, the version in the footer, and the secret of drafts.

    Days of notices are those of the lender's time zone.
    """

    use_cases: UseCases
    sessions: Sessions
    version: str
    draft_secret: bytes
    lender_zone: ZoneInfo = UTC_ZONE


@dataclass(frozen=True, slots=True)
class PageContext:
    """One request for a page."""

    interface: Interface
    request: Request
    counts: NavigationCounts = field(default_factory=NavigationCounts)

    @property
    def use_cases(self) -> UseCases:
        return self.interface.use_cases

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the browser; UTC if it did not state one."""
        return zone_named(self.request.cookies.get(COOKIE))

    def actor(self, *, active: bool = True) -> Actor:
        """The logged-in user; raises LoggedOut if the session has ended since the page was opened.

        Timers pass `active=False`, so that they do not extend the session.
        """
        actor = self.interface.sessions.actor(self.request, active=active)
        if actor is None:
            raise LoggedOut("the session has ended")
        return actor

    async def synthetic(self) -> bool:
        """Whether the installation contains synthetic data; False while the database does not answer."""
        try:
            return await self.use_cases.contains_synthetic()
        except DependencyUnavailable:
            return False

    async def show_counts(self, *, changed: bool = True) -> None:
        """Show in the navigation how much waits for the user, after a change or once in a while."""
        await self.counts.show(self.use_cases, self.actor(active=False), changed=changed)


Build = Callable[[PageContext], Awaitable[None]]


def add_page(interface: Interface, path: str, title: str, build: Build, *, current: str = "") -> None:
    """Register a page for logged-in users; others are redirected to log in, and then back to the page."""

    @ui.page(path, title=f"{title} · {PRODUCT}", response_timeout=RESPONSE_TIMEOUT)
    async def page(request: Request) -> Response | None:
        context = PageContext(interface, request)
        try:
            actor = context.actor()
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        request.state.observed = {"actor": actor.name, "role": actor.role.value}  # for the request log
        home = first_page(actor)
        if path == HOME != home:
            return RedirectResponse(home, status_code=303)
        session = interface.sessions.session(request)
        previous = None if session is None else session.previous_login_at
        last_login = "" if previous is None else Moment.of(previous, context.zone).local
        with frame(
            actor,
            current=current,
            version=interface.version,
            last_login=last_login,
            counts=context.counts,
            synthetic=await context.synthetic(),
        ) as content:
            try:
                await build(context)
                await context.show_counts()
            except Exception as error:
                message = error_message_for(error, where=path)
                ui.context.client.status_code = message.status
                content.clear()
                with content:
                    show_error_page(message, home)
        return None
