"""The applicant's links and requests on the page of an application. A new link's address is shown once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from application.ports.reconsiderations.reconsiderations import ReconsiderationUnreadable
from application.use_cases.reconsiderations.applicant_links import MadeLink
from application.use_cases.reconsiderations.staff_requests import ApplicantRequests
from domain.access.user import Actor, Permission
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.time_zone import Moment
from entrypoints.ui.shared.widgets import Text, anchor, answer_of, box, card, chip

_WHERE = "/applications"


@dataclass(frozen=True, slots=True)
class LinkItem:
    """A link: whether it works, and until when or why not."""

    link_id: UUID
    valid: bool
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class RequestItem:
    """A request of the applicant with its state and its case."""

    title: str
    state: str
    style: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class AccessView:
    """What the card shows; `problem` says why it cannot be read."""

    links: tuple[LinkItem, ...] = ()
    requests: tuple[RequestItem, ...] = ()
    can_make: bool = False
    problem: str = ""


@dataclass(slots=True)
class ApplicantAccess:
    """The card, and the dialogs by which links are made and revoked."""

    context: PageContext
    application_id: UUID
    section: Section[AccessView] = field(init=False)
    dialogs: ui.element = field(init=False)
    asking: bool = False

    def draw(self) -> None:
        """Draw the place of the card, which `show` fills."""
        self.dialogs = box("div", "applicant-dialogs")
        self.section = Section(box("div"), self._draw)

    async def show(self) -> None:
        """Load links and requests, and redraw what changed."""
        actor = self.context.actor(active=False)
        try:
            found = await self.context.use_cases.reconsiderations.read(self.application_id, by=actor)
        except ReconsiderationUnreadable as fault:
            self.section.show(AccessView(problem=str(fault)))
            return
        now = self.context.use_cases.clock.now()
        self.section.show(access_view(found, actor, lambda link: link.valid_at(now), self.context.zone))

    def _draw(self, view: AccessView) -> None:
        if not (view.can_make or view.links or view.requests or view.problem):
            return
        note = "By a link, the applicant sees the own application and can ask for a correction or a person."
        with card("Applicant", note=note):
            if view.problem:
                Text("p", view.problem, "note")
            for request in view.requests:
                with box("div", "applicant-item"):
                    with box("div", "button-row"):
                        Text("span", request.title, "strong")
                        chip(request.state, request.style, "support_agent")
                    Text("p", request.detail, "note")
                    if request.href:
                        anchor("Open its case", request.href, "screen-only")
            for link in view.links:
                with box("div", "applicant-item"):
                    Text("span", link.text, "strong" if link.valid else "")
                    Text("p", link.detail, "note")
                    if link.valid and view.can_make:
                        revoke = ui.button("Revoke", on_click=self._once(partial(self._revoke, link)))
                        revoke.props("outline dense no-caps").classes("screen-only")
                        revoke.props["aria-label"] = f"Revoke: {link.text}"
            if view.can_make:
                make = ui.button("Make a link", on_click=self._once(self._make))
                make.props("outline no-caps icon=link data-focus=make-link").classes("screen-only")
                make.mark("make-link")

    async def _make(self) -> None:
        key = IdempotencyKey(str(uuid4()))
        use_case = self.context.use_cases.reconsiderations.make_link
        made = await use_case(self.application_id, by=self.context.actor(), key=key)
        await self.show()
        await _show_address(made, self.context.zone)

    async def _revoke(self, link: LinkItem) -> None:
        if await _confirmed():
            use_case = self.context.use_cases.reconsiderations.revoke_link
            await use_case(self.application_id, link.link_id, by=self.context.actor())
            ui.notify("Link revoked", type="positive", position="top", timeout=1500)
            await self.show()

    def _once(self, act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def in_dialogs() -> None:
            if self.asking:  # a double click must not make two links
                return
            self.asking = True
            try:
                with self.dialogs:  # the button is redrawn with the card
                    await reporting_errors(act, where=_WHERE)()
            finally:
                self.asking = False

        return in_dialogs


def access_view(
    found: ApplicantRequests, viewer: Actor, valid: Callable[[ApplicantLink], bool], zone: ZoneInfo
) -> AccessView:
    """The links and requests as the viewer sees them."""
    internal = viewer.may(Permission.READ_ALL_DECISIONS)
    return AccessView(
        links=tuple(_link(each, valid(each), zone, internal=internal) for each in found.links),
        requests=tuple(_request(each.request, zone, internal=internal) for each in found.requests),
        can_make=viewer.may(Permission.MAKE_APPLICANT_LINKS),
    )


def _link(link: ApplicantLink, valid: bool, zone: ZoneInfo, *, internal: bool) -> LinkItem:
    by = f" by {link.made_by}" if internal else ""
    detail = f"Made{by} at {Moment.of(link.made_at, zone).local}"
    if link.revoked_at is not None:
        return LinkItem(link.link_id, valid, f"Revoked at {Moment.of(link.revoked_at, zone).local}", detail)
    text = f"Link until {Moment.of(link.expires_at, zone).local}" if valid else "Expired link"
    return LinkItem(link.link_id, valid, text, detail)


def _request(request: Reconsideration, zone: ZoneInfo, *, internal: bool) -> RequestItem:
    received = f"Received {Moment.of(request.requested_at, zone).local}"
    if request.answered_at is None:
        detail = f"{received}, to be answered by {Moment.of(request.due_at, zone).local}"
    else:
        by = f" by {request.answered_by}" if internal else ""
        detail = f"{received}, answered{by} at {Moment.of(request.answered_at, zone).local}"
    style = {"open": "referred", "overturned": "approved"}.get(request.state.value, "neutral")
    return RequestItem(
        labels.RECONSIDERATIONS[request.kind],
        labels.RECONSIDERATION_STATES[request.state],
        style,
        detail,
        f"/cases/{request.case_id}" if internal else "",
    )


async def _show_address(made: MadeLink, zone: ZoneInfo) -> None:
    """Show the address, which cannot be shown again."""
    dialog = ui.dialog().props("persistent")
    dialog.props["aria-label"] = "The applicant's link"
    with dialog, box("div", "card dialog"):
        Text("h2", "The applicant's link")
        if made.address is None:
            Text(
                "p",
                "The public address of the applicant's page is not set. Ask an operator to set "
                "SCORING_APPLICANT_PAGE_URL, then make another link.",
            )
        else:
            until = Moment.of(made.link.expires_at, zone).both
            Text(
                "p",
                f"Give it to the applicant and to nobody else. It works until {until} and is not shown again.",
            )
            Text("code", made.address, "link-address").mark("address")
        with box("div", "batch-actions"):
            ui.button("Close", on_click=dialog.close).props("flat no-caps").classes("button-text").mark("close")
            if made.address is not None:
                copy = ui.button("Copy", on_click=partial(ui.clipboard.write, made.address))
                copy.props("unelevated no-caps icon=content_copy").classes("button-primary")
    await answer_of(dialog)


async def _confirmed() -> bool:
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Revoke this link?"
    with dialog, box("div", "card dialog"):
        Text("h2", "Revoke this link?")
        Text("p", "The applicant cannot use it any more. A request that was made by it stays.")
        with box("div", "batch-actions"):
            ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
            button = ui.button("Revoke link", on_click=lambda: dialog.submit(True))
            button.props("unelevated no-caps color=negative").mark("confirm")
    return await answer_of(dialog) is True
