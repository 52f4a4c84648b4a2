"""The story of the desk that sends letters: notices become due, are issued and delivered; one is forgotten."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from application.ports.notices.letters import LetterFailed
from application.ports.notices.notices import NoticeFilter
from domain.notices.issuing import DeliveryMethod
from domain.notices.notice import Notice
from domain.notices.notice_errors import NoticeNotOwed
from domain.notices.notice_state import NoticeState
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.people import COMPLIANCE
from entrypoints.demonstration.seasons import at_work
from entrypoints.demonstration.timeline import Story

DAYS = 33
"""For how many days the desk sends letters, a few more than the 30 after which one is overdue.

The system that the lender had before sent the letters of earlier decisions, but for one that was forgotten.
"""
SOON_ENOUGH = 6.0
"""How many notices are expected in the days in which one is forgotten: otherwise there could be none."""
_PAGE, _EVERY, _MORNING = 200, timedelta(hours=6), 9
_SLOWEST = 9.0
"""Days after which the last letters are issued."""
_RETURNED, _GIVES_UP = 0.06, 3
_IN_TIME, _LAST_MOMENT = timedelta(days=4), timedelta(hours=2)
"""How long before the time of a notice its letter is issued, and delivered, at the latest."""
_DUE = NoticeFilter(states=frozenset({NoticeState.DUE}))


async def notice_desk(lender: Lender, begins: datetime, random: Random) -> Story:
    """What the desk does, every working day; it `begins` with a notice that is forgotten."""
    yield begins
    await lender.follow_ups.begin_following()
    forgotten: UUID | None = None
    issue_at: dict[UUID, datetime] = {}
    worked, failures = begins.date(), 0
    while True:
        yield lender.now + _EVERY
        now = lender.now
        if forgotten is not None and now < lender.ends - timedelta(days=DAYS):
            await lender.follow_ups.begin_following()
            continue
        await lender.follow_ups.follow_trail()
        if forgotten and (now.date() == worked or now.hour < _MORNING or at_work(now) != now):
            continue
        worked = now.date()
        due = (await lender.use_cases.notices.list_notices(_DUE, by=COMPLIANCE, limit=_PAGE)).notices
        for notice in due:
            if forgotten is None:
                forgotten = notice.notice_id
            issued = now + timedelta(days=random.uniform(0.0, _SLOWEST))
            ready = issue_at.setdefault(notice.notice_id, min(issued, notice.due_at - _IN_TIME))
            if notice.notice_id != forgotten and ready <= now:
                try:
                    await lender.use_cases.notices.issue(notice.notice_id, by=COMPLIANCE, seen=notice.version)
                except NoticeNotOwed:
                    continue
                except LetterFailed as fault:  # tried again on the next day
                    failures += 1
                    if failures < _GIVES_UP:
                        continue
                    lender.remarks.append(f"Letters were not issued: {fault}")
                    return
                await lender.begin(delivery(lender, notice, random), random)


async def delivery(lender: Lender, notice: Notice, random: Random) -> Story:
    """The delivery of an issued letter in time. It may come back, and is sent to another address later."""
    returned = random.random() < _RETURNED
    sent = at_work(lender.now + timedelta(days=random.uniform(0.5, 4.0)))
    yield min(sent, max(lender.now + _LAST_MOMENT, notice.due_at - _LAST_MOMENT))
    await _record(lender, notice)
    if returned:
        yield at_work(lender.now + timedelta(days=random.uniform(3.0, 8.0)))
        await _record(lender, notice, returned=True, text="Returned by the post: moved.")
        yield at_work(lender.now + timedelta(days=random.uniform(6.0, 16.0)))
        await _record(lender, notice, text="Sent to the new address.")


async def _record(lender: Lender, notice: Notice, *, returned: bool = False, text: str = "") -> None:
    notices = lender.use_cases.notices
    present = (await notices.read_notice(notice.notice_id, by=COMPLIANCE)).notice
    await notices.record_delivery(
        notice.notice_id,
        DeliveryMethod.MAIL,
        lender.now.date(),
        by=COMPLIANCE,
        seen=present.version,
        returned=returned,
        text=text,
    )
