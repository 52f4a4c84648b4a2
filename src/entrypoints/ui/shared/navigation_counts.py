"""How much waits for the user, beside the entries of the navigation."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.catalog import UseCases
from application.ports.cases.cases import CaseFilter
from application.ports.decisions.decision_archive import MAX_COUNTED
from application.ports.notices.notices import NoticeFilter
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.user import Actor, Permission
from domain.notices.notice_state import NoticeState
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.widgets import Text, box

_SHOWN_FOR = timedelta(seconds=30)
"""How long counts may be out of date on a page that follows changes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Count:
    """A number beside an entry; `meaning` says it to screen readers."""

    text: str
    meaning: str
    urgent: bool = False


class NavigationCounts:
    """The counts of one page. They are read after the page is built, and again when something changed."""

    def __init__(self) -> None:
        self._sections: dict[str, Section[Count | None]] = {}
        self._read_at: datetime | None = None

    def draw(self, path: str) -> None:
        """Draw the place of the count of an entry."""
        if path in _READERS:
            self._sections[path] = Section(box("span", "nav-count-place"), _draw_count)

    async def show(self, use_cases: UseCases, actor: Actor, *, changed: bool = True) -> None:
        """Read and show the counts; unless something `changed`, only if they are older than 30 seconds."""
        now = use_cases.clock.now()
        if not changed and self._read_at is not None and now - self._read_at < _SHOWN_FOR:
            return
        self._read_at = now
        for path, section in self._sections.items():
            try:
                section.show(await _READERS[path](use_cases, actor))
            except DependencyUnavailable as error:  # the page is there without them
                _log.warning("the counts of the navigation cannot be read: %s", error)
                section.show(None)


async def _own_cases(use_cases: UseCases, actor: Actor) -> Count | None:
    """The unfinished cases that the user holds."""
    if not actor.may(Permission.WORK_CASES):
        return None
    total = (await use_cases.cases.list_cases(CaseFilter(assignee=actor.name), by=actor, limit=1)).total
    return Count(_number(total), counted(total, "case of yours", "cases of yours")) if total else None


async def _notices_due(use_cases: UseCases, actor: Actor) -> Count | None:
    """The notices that the user can issue; urgent if one was not sent in time."""
    if not actor.may(Permission.ISSUE_NOTICES):
        return None
    list_notices, now = use_cases.notices.list_notices, use_cases.clock.now()
    due = await list_notices(NoticeFilter(states=frozenset({NoticeState.DUE})), by=actor, limit=1)
    overdue = await list_notices(NoticeFilter(overdue_at=now), by=actor, limit=1)
    meaning = f"{counted(due.total, 'notice', 'notices')} due"
    if overdue.total:
        meaning += f", {overdue.total:,} overdue"
    number = max(due.total, overdue.total)
    return Count(_number(number), meaning, urgent=bool(overdue.total)) if number else None


_READERS = {"/cases": _own_cases, "/notices": _notices_due}


def _number(total: int) -> str:
    return f"{total:,}+" if total == MAX_COUNTED else f"{total:,}"


def _draw_count(count: Count | None) -> None:
    if count is None:
        return
    with box("span", "nav-count nav-count-urgent" if count.urgent else "nav-count") as element:
        element.props["title"] = count.meaning
        Text("span", count.text).props("aria-hidden=true")
        Text("span", f" ({count.meaning})", "visually-hidden")
