"""The letter of a notice in a frame without rights: as it would be issued, or as it was."""

from uuid import UUID

from nicegui import ui

from application.ports.notices.notices import LetterFormat
from domain.cases.resolution_errors import OwnViewRequired
from domain.notices.completeness import NoticeIncomplete
from domain.notices.content import Addressee
from domain.notices.notice import Notice
from domain.notices.notice_errors import NoticeError
from domain.notices.notice_state import NoticeState
from entrypoints.ui.access.sessions import LoggedOut
from entrypoints.ui.notices.missing_items import setting_for
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.formats import capital
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, card

_WHERE = "/notices"


class LetterFrame:
    """The card of the letter. `can_be_issued` is whether the last preview could be made."""

    def __init__(self, context: PageContext, notice_id: UUID) -> None:
        self._context, self._notice_id = context, notice_id
        self.can_be_issued = False
        self._shown: object = None
        self._latest_request = 0

    def draw(self) -> None:
        """Draw the place of the letter, which `show` fills."""
        with card("Letter", "letter-card"):
            self._place = box("div", "letter-place").props("aria-live=polite")
        with self._place:
            _draw_loading()

    async def show(self, notice: Notice, addressee: Addressee | None = None) -> None:
        """Show the issued letter, or a preview, unless it is the one that is shown."""
        wanted = (notice.state, notice.version, addressee)
        if wanted == self._shown:
            return
        self._latest_request += 1
        request = self._latest_request
        self._place.props("aria-busy=true")
        problem: Exception | None = None
        html = ""
        try:
            html = await self._html(notice, addressee)
        except LoggedOut:
            raise
        except Exception as error:
            problem = error
        if request != self._latest_request:
            return
        self._shown = wanted
        self.can_be_issued = problem is None and notice.state is NoticeState.DUE
        self._place.clear()
        self._place.props(remove="aria-busy")
        with self._place:
            if problem is not None:
                _draw_problem(problem)
            elif html:
                title = "Preview of the letter" if notice.state is NoticeState.DUE else "Letter as issued"
                frame = box("iframe", "letter-frame").props(f'title="{title}"')
                frame.props["sandbox"] = ""
                frame.props["srcdoc"] = html
            else:
                Text("p", "There is no letter.", "note")

    def show_none(self) -> None:
        """Show that there is no letter yet, to people who may not see a preview."""
        self._place.clear()
        with self._place:
            Text("p", "It can be read here as soon as it is issued.", "note")

    async def _html(self, notice: Notice, addressee: Addressee | None) -> str:
        notices, actor = self._context.use_cases.notices, self._context.actor(active=False)
        if notice.state is NoticeState.CANCELLED:
            return ""
        if notice.state is NoticeState.DUE:
            draft = await notices.preview(self._notice_id, by=actor, addressee=addressee)
            return draft.letter.html.decode()
        return (await notices.read_letter(self._notice_id, LetterFormat.HTML, by=actor)).decode()


def _draw_loading() -> None:
    with box("div", "loading"):
        ui.spinner(size="1.5em")
        Text("span", "Preparing the letter…")


def _draw_problem(problem: Exception) -> None:
    if isinstance(problem, NoticeIncomplete):
        with alert("This is missing:", "error", title="The letter cannot be made"):
            with box("ul", "missing-list"):
                for item in problem.missing:
                    with box("li"):
                        Text("span", capital(item))
                        if setting := setting_for(item):
                            Text("code", setting)
            Text("p", "An operator sets the settings and restarts the service.", "note")
        return
    message = error_message_for(problem, _WHERE)
    expected = isinstance(problem, NoticeError | OwnViewRequired)
    with alert(message.details, "info" if expected else "error", title=message.title):
        if isinstance(problem, OwnViewRequired):
            anchor("Open the case", f"/cases/{problem.case_id}")
