"""The page of a case: what is known beside what is to be decided, with the changes that others make."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from nicegui import background_tasks

from application.ports.cases.cases import CaseConflict, CaseNotFound
from domain.access.user import Actor, Permission
from domain.cases.case_errors import CaseChanged, CaseError
from domain.cases.case_text import MAX_CASE_TEXT
from domain.cases.referral_case import ReferralCase
from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.applications.draft import Draft, user_key
from entrypoints.ui.applications.page_writes import PageWrites
from entrypoints.ui.cases.case_access import CaseAccess
from entrypoints.ui.cases.case_content import CaseContent, CaseFile, WithheldDecision, content_of, read_file
from entrypoints.ui.cases.case_forms import CaseForms
from entrypoints.ui.cases.case_head import CaseHead, case_head, subtitle_of
from entrypoints.ui.cases.case_panels import (
    draw_application,
    draw_comparison,
    draw_items,
    draw_resolution,
    draw_system_decision,
    draw_timeline,
    draw_withheld_decision,
)
from entrypoints.ui.cases.case_search import PATH as CASES
from entrypoints.ui.cases.case_status import CaseStatus
from entrypoints.ui.cases.comparison import Comparison
from entrypoints.ui.cases.condition_changes import ConditionChanges
from entrypoints.ui.cases.next_case import NextCase
from entrypoints.ui.cases.request_panel import CorrectionAcceptance, draw_request
from entrypoints.ui.cases.request_view import RequestView, read_request, request_view
from entrypoints.ui.cases.resolution_view import ResolutionView
from entrypoints.ui.decisions.decision_view import DecisionView
from entrypoints.ui.notices.notice_card import draw_notice_lines, notices_of_case
from entrypoints.ui.shared.live import draw_keys, poll
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.widgets import alert, anchor, box, page_header, synthetic_mark

PATH = "/cases/{case_id}"
_RENEW_BELOW = timedelta(minutes=14)
"""How much of a lease may be left when an active page renews it."""
_KEYS = {"n": "next case", "c": "claim", "r": "resolve"}


def register(interface: Interface) -> None:
    """Register the page /cases/{case_id}."""
    add_page(interface, PATH, "Case", _build, current=CASES)


async def _build(context: PageContext) -> None:
    page = CasePage(context, _identifier(context.request.path_params["case_id"]))
    await page.build()


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CaseNotFound(f"there is no case {text[:40]}") from None


class CasePage:
    """The case as last read. Forms are drawn once; everything else is redrawn where it changes."""

    file: CaseFile
    content: CaseContent

    def __init__(self, context: PageContext, case_id: UUID) -> None:
        self.context = context
        self.case_id = case_id
        self.cases = context.use_cases.cases
        self.draft = Draft.new()
        writes = PageWrites(self.draft, self.refresh, PATH, (CaseError, CaseChanged, CaseConflict))
        self.access = CaseAccess(case_id, self.cases, writes, self.seen)
        self.forms: CaseForms | None = None
        self.held_version: int | None = None

    @property
    def case(self) -> ReferralCase:
        """The case as last read."""
        return self.file.view.case

    def seen(self) -> tuple[Actor, int]:
        """The actor, who is active, and the version that is shown."""
        return self.context.actor(), self.case.version

    async def read(self) -> None:
        """Read the case with everything that belongs to it."""
        view = await self.cases.read_case(self.case_id, by=self.context.actor(active=False))
        self.file = await read_file(view, self.context)
        self.content = content_of(self.file, self.context.zone)
        self.received = await read_request(self.context, self.file)

    async def build(self) -> None:
        """Read and draw the page."""
        await self.read()
        works = self.context.actor().may(Permission.WORK_CASES)
        next_case = NextCase(self.context)
        with page_header(self.file.request, subtitle_of(self.case)):
            if self.case.synthetic:
                synthetic_mark()
            if not self.file.view.withheld:
                anchor("Decision", f"/decisions/{self.case.decision_id}", "button-secondary screen-only")
            anchor("All cases", CASES, "button-secondary screen-only")
            if works:
                next_case.draw()
        head = box("div", "case-head")
        self.message = next_case.message = box("div", "case-message").props("aria-live=polite")
        self.status = CaseStatus(self.access, self.message)
        self.head = Section(head, self.status.draw)
        self.conditions = ConditionChanges(self.access, self.message)
        self.acceptance = CorrectionAcceptance(self.context, self.access, self.message)
        if works:
            draw_keys(_KEYS)
        poll(self.follow, where=PATH)
        with box("div", "case-layout case-page"):
            with box("div", "case-column"):
                self.decision = Section(box("div"), _draw_decision)
                self.other_resolution = Section(box("div"), _draw_other_resolution)
                self.comparison = Section(box("div"), _draw_comparison)
                self.circumstances = Section(box("div"), _draw_circumstances)
            with box("div", "case-column case-work"):
                self.request = Section(box("div"), self._draw_request)
                self.resolution = Section(box("div"), self._draw_resolution)
                self.notices = Section(box("div"), draw_notice_lines)
                if works:
                    self._draw_forms()
            with box("div", "case-column"):
                if self.content.application:
                    draw_application(self.content.application)
                self.timeline = Section(box("div"), draw_timeline)
        await self.show()

    def _draw_forms(self) -> None:
        current = self.file.current
        self.forms = CaseForms(self.access, () if current is None else current.product.months)
        self.draft.keep(
            self.forms.elements,
            key=user_key(self.context.interface.draft_secret, f"{self.context.actor().name}/{self.case_id}"),
            restore=self._restore,
            focus=False,
            longest=MAX_CASE_TEXT,
        )

    def _restore(self, texts: Mapping[str, str]) -> None:
        if self.forms is None or not any(texts.values()):
            return
        self.forms.enter(texts)
        with self.message:
            alert("Your entries were restored. Check them before you submit.", "info")
        background_tasks.create(self.show(), name="show restored entries")

    async def show(self) -> None:
        """Show the case as last read."""
        actor, now = self.context.actor(active=False), self.context.use_cases.clock.now()
        head = case_head(self.case, actor, now, self.context.zone)
        self._show_loss(head, actor.name)
        self.head.show(head)
        self.decision.show((self.content.decision, self.content.problem))
        self.other_resolution.show(self.content.other_resolution)
        self.comparison.show(self.content.comparison)
        self.circumstances.show(self.content.circumstances)
        self.request.show(request_view(self.received, self.file, actor, now, self.context.zone))
        self.resolution.show(self.content.resolution)
        self.timeline.show(self.content.timeline)
        self.notices.show(await notices_of_case(self.file.view, self.context))
        if self.forms is not None:
            await self.forms.show(self.file.view, self.case.state_at(now), head)

    def _show_loss(self, head: CaseHead, viewer: str) -> None:
        """Say that the viewer lost the case, unless the viewer gave it away."""
        given = self.case.version != self.held_version and self.case.changed_by == viewer
        if self.held_version is not None and not head.held and not given:
            self.message.clear()
            with self.message:
                kept = " What you typed is kept on this page." if self.forms and self.forms.has_entries else ""
                again = " Claim the case to go on." if head.can_claim else ""
                alert(f"{head.holder}{kept}{again}", "warning", title="You no longer hold this case")
        self.held_version = self.case.version if head.held else None

    async def refresh(self) -> None:
        """Read and show the case again."""
        await self.read()
        await self.show()
        await self.context.show_counts()

    async def follow(self, active: bool) -> None:
        """Renew the lease of an active holder, and show what changed."""
        actor, now = self.context.actor(active=active), self.context.use_cases.clock.now()
        shown = self.case
        case = await self.cases.read_state(self.case_id, by=actor)
        until = case.lease_until
        if active and until is not None and case.holder_at(now) == actor.name and until - now < _RENEW_BELOW:
            try:
                case = await self.cases.renew_lease(self.case_id, by=actor)
            except CaseError:  # lost at this moment, which the next call shows
                return
        if (case.version, case.lease_until) != (shown.version, shown.lease_until):
            await self.refresh()
        else:
            await self.show()
            await self.context.show_counts(changed=False)

    def _draw_request(self, view: RequestView | None) -> None:
        if view is not None:
            draw_request(view, self.acceptance.draw)

    def _draw_resolution(self, resolution: ResolutionView | None) -> None:
        if resolution is not None:
            changeable = self.forms is not None and resolution.is_final
            draw_resolution(resolution, self.conditions.draw_buttons if changeable else None)


def _draw_decision(shown: tuple[DecisionView | WithheldDecision | None, str]) -> None:
    decision, problem = shown
    if decision is None:
        alert(problem, "error", title="The decision cannot be shown")
    elif isinstance(decision, WithheldDecision):
        draw_withheld_decision(decision)
    else:
        draw_system_decision(decision)


def _draw_other_resolution(resolution: ResolutionView | None) -> None:
    if resolution is not None:
        draw_resolution(resolution)


def _draw_comparison(comparison: Comparison | None) -> None:
    if comparison is not None:
        draw_comparison(comparison)


def _draw_circumstances(items: tuple[Item, ...]) -> None:
    if items:
        draw_items("Bureau and history", items, note="As known when the system decided.")
