"""The page of a notice: what is owed and why, its letter, and its issue and delivery."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from application.ports.notices.notices import NoticeConflict, NoticeNotFound
from application.use_cases.notices.read_notices import NoticeView
from domain.access.user import Permission
from domain.notices.content import Addressee
from domain.notices.notice import Notice
from domain.notices.notice_errors import NoticeChanged, NoticeError
from domain.notices.notice_state import NoticeState
from entrypoints.ui.applications.draft import Draft, texts_in, user_key
from entrypoints.ui.applications.page_writes import PageWrites
from entrypoints.ui.cases.case_panels import draw_timeline
from entrypoints.ui.cases.timeline import TimelineEntry
from entrypoints.ui.notices.delivery_dialog import ask_for_delivery, confirmed_to_issue
from entrypoints.ui.notices.issue_form import LONGEST_ADDRESS, IssueForm
from entrypoints.ui.notices.letter_frame import LetterFrame
from entrypoints.ui.notices.next_notice import NextNotice
from entrypoints.ui.notices.notice_panels import LetterActions, draw_head, draw_letter_actions, draw_obligation
from entrypoints.ui.notices.notice_search import PATH as NOTICES
from entrypoints.ui.notices.notice_view import NoticePageView, notice_page_view
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.live import draw_keys, poll
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.widgets import anchor, box, page_header, synthetic_mark

PATH = "/notices/{notice_id}"
_KEYS = {"n": "next notice", "i": "issue", "d": "record delivery"}


def register(interface: Interface) -> None:
    """Register the page /notices/{notice_id}."""
    add_page(interface, PATH, "Notice", _build, current=NOTICES)


async def _build(context: PageContext) -> None:
    text = context.request.path_params["notice_id"]
    try:
        notice_id = UUID(text)
    except ValueError:
        raise NoticeNotFound(f"there is no notice {text[:40]}") from None
    await NoticePage(context, notice_id).build()


class NoticePage:
    """The notice as last read. The form is drawn once; everything else is redrawn where it changes."""

    view: NoticeView

    def __init__(self, context: PageContext, notice_id: UUID) -> None:
        self.context, self.notice_id = context, notice_id
        self.notices = context.use_cases.notices
        self.draft = Draft.new()
        outdated = (NoticeError, NoticeChanged, NoticeConflict)
        self.writes = PageWrites(self.draft, self.refresh, PATH, outdated)
        self.letter = LetterFrame(context, notice_id)
        self.form: IssueForm | None = None
        self.addressee: Addressee | None = None
        self.issues = context.actor().may(Permission.ISSUE_NOTICES)
        self.asking = False

    @property
    def notice(self) -> Notice:
        """The notice as last read."""
        return self.view.notice

    async def read(self) -> NoticePageView:
        """Read the notice."""
        self.view = await self.notices.read_notice(self.notice_id, by=self.context.actor(active=False))
        now, interface = self.context.use_cases.clock.now(), self.context.interface
        return notice_page_view(self.view, now, self.context.zone, interface.lender_zone)

    async def build(self) -> None:
        """Read and draw the page. The letter follows, because it takes a moment."""
        view = await self.read()
        next_notice = NextNotice(self.context)
        with page_header(view.title, view.subtitle):
            if view.synthetic:
                synthetic_mark()
            anchor("Application", f"/applications/{self.notice.application_id}", "button-secondary screen-only")
            anchor("All notices", NOTICES, "button-secondary screen-only")
            if self.issues:
                next_notice.draw()
        head = box("div", "case-head")
        self.message = next_notice.message = box("div", "case-message").props("aria-live=polite")
        self.dialogs = box("div")
        self.head = Section(head, draw_head)
        if self.issues:
            draw_keys(_KEYS)
        poll(self.follow, where=PATH)
        with box("div", "case-layout case-page notice-page"):
            with box("div", "case-column"):
                self.letter.draw()
            with box("div", "case-column case-work"):
                if self.issues:
                    self._draw_form()
                self.actions = Section(box("div"), partial(draw_letter_actions, record=self.record_delivery))
                self.obligation = Section(box("div"), draw_obligation)
                self.history = Section(box("div"), _draw_history)
        self.show(view)
        ui.timer(0.0, reporting_errors(self.show_letter, where=PATH), once=True)

    def _draw_form(self) -> None:
        self.form = IssueForm(self.preview, self.issue, self.fill)
        self.draft.keep(
            self.form.fields,
            key=user_key(self.context.interface.draft_secret, f"{self.context.actor().name}/{self.notice_id}"),
            restore=self._restore,
            focus=False,
            longest=LONGEST_ADDRESS,
        )

    def fill(self, given: object) -> bool:
        """Enter what the browser has in the fields; False if it was submitted already."""
        entries = self.draft.entries_in(given)
        if entries is not None and self.form is not None:
            for name, text in texts_in(entries, self.form.fields, LONGEST_ADDRESS).items():
                self.form.fields[name].value = text
        return entries is not None

    def _restore(self, texts: Mapping[str, str]) -> None:
        if self.form is not None:
            for name, text in texts.items():
                self.form.fields[name].value = text

    def show(self, view: NoticePageView) -> None:
        """Show the notice as last read."""
        notice, issues = self.notice, self.issues
        self.head.show(view.head)
        self.obligation.show(view.obligation)
        self.history.show(view.history)
        state = notice.state
        self.actions.show(
            LetterActions(
                pdf=f"/notices/{notice.notice_id}/letter.pdf"
                if state in {NoticeState.ISSUED, NoticeState.DELIVERED}
                else "",
                deliver=issues and state is NoticeState.ISSUED,
                take_back=issues and state is NoticeState.DELIVERED,
                readers_only=not issues and state is NoticeState.DUE,
            )
        )
        self._show_form()

    def _show_form(self) -> None:
        if self.form is not None:
            self.form.show(usable=self.notice.state is NoticeState.DUE, can_be_issued=self.letter.can_be_issued)

    async def show_letter(self) -> None:
        """Show the letter of the notice as last read, if the user may see it."""
        if self.issues or self.notice.state is not NoticeState.DUE:
            await self.letter.show(self.notice, self.addressee)
        else:
            self.letter.show_none()
        self._show_form()

    async def refresh(self) -> None:
        """Read and show the notice again."""
        self.show(await self.read())
        await self.show_letter()
        await self.context.show_counts()

    async def follow(self, active: bool) -> None:
        """Show what others changed."""
        self.context.actor(active=active)
        before = self.notice
        self.show(await self.read())
        if self.notice != before:
            await self.show_letter()
        await self.context.show_counts(changed=self.notice != before)

    async def preview(self, addressee: Addressee | None, button: ui.button, message: ui.element) -> None:
        """Show the letter with this addressee."""
        message.clear()
        button.props("loading")
        try:
            self.addressee = addressee
            await self.show_letter()
        finally:
            button.props(remove="loading")

    async def issue(self, addressee: Addressee | None, button: ui.button, message: ui.element) -> None:
        """Issue the letter after the user confirmed it."""
        if self.asking:  # a double click must not ask twice
            return
        self.asking = True
        try:
            with self.dialogs:
                if not await confirmed_to_issue():
                    return
            seen, form = self.notice.version, self.form

            async def write(key: IdempotencyKey) -> None:
                by = self.context.actor()
                await self.notices.issue(self.notice_id, by=by, seen=seen, addressee=addressee, key=key)

            content = ["issue", None if addressee is None else [addressee.name, *addressee.address]]
            clear = form.clear if form is not None else lambda: None
            if await self.writes(content, write, button=button, message=message, clear=clear):
                with self.message:
                    ui.notify("Letter issued", type="positive", position="top", timeout=1500)
        finally:
            self.asking = False

    async def record_delivery(self, *, returned: bool) -> None:
        """Ask how the letter was sent or came back, and record it."""
        if self.asking or self.notice.issued_at is None:
            return
        self.asking = True
        zone, seen = self.context.interface.lender_zone, self.notice.version
        try:
            with self.dialogs:  # the button is redrawn with the page
                given = await ask_for_delivery(
                    returned=returned,
                    earliest=self.notice.issued_at.astimezone(zone).date(),
                    today=self.context.use_cases.clock.now().astimezone(zone).date(),
                )
            if given is None:
                return

            async def write(key: IdempotencyKey) -> None:
                by, method, on = self.context.actor(), given.method, given.on
                record = self.notices.record_delivery
                await record(
                    self.notice_id, method, on, by=by, seen=seen, returned=returned, text=given.text, key=key
                )

            content = ["delivery", returned, given.method.value, given.on.isoformat(), given.text]
            if await self.writes(content, write, button=None, message=self.message, clear=lambda: None):
                with self.message:
                    ui.notify("Recorded", type="positive", position="top", timeout=1500)
        finally:
            self.asking = False


def _draw_history(entries: tuple[TimelineEntry, ...]) -> None:
    if entries:
        draw_timeline(entries)
