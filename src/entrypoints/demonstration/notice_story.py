"""The story of the desk that sends letters: notices become due, are issued and delivered; one is forgotten."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from application.ports.notices.letters import LetterFailed
from application.ports.notices.notices import NoticeFilter
from domain.notices.issuing import DeliveryMethod
from domain.notices.notice_errors import NoticeNotOwed
from domain.notices.notice_state import NoticeState
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.people import COMPLIANCE
from entrypoints.demonstration.seasons import at_work
from entrypoints.demonstration.timeline import Story

DAYS = 33
"""For how many days the desk works, a few more than the 30 after which a letter is overdue.

The system that the lender had before sent the letters of earlier decisions.
"""
_PAGE, _EVERY, _MORNING = 200, timedelta(hours=6), 9
_SLOWEST = 9.0
"""Days after which the last letters are issued."""
_RETURNED = 0.04
_DUE = NoticeFilter(states=frozenset({NoticeState.DUE}))


async def notice_desk(lender: Lender, begins: datetime, random: Random) -> Story:
    """What the desk does, every working day."""
    yield begins
    await lender.follow_ups.begin_following()
    forgotten: UUID | None = None
    issue_at: dict[UUID, datetime] = {}
    worked = begins.date()
    while True:
        yield lender.now + _EVERY
        await lender.follow_ups.follow_trail()
        now = lender.now
        if now.date() == worked or now.hour < _MORNING or at_work(now) != now:
            continue
        worked = now.date()
        due = (await lender.use_cases.notices.list_notices(_DUE, by=COMPLIANCE, limit=_PAGE)).notices
        for notice in due:
            if forgotten is None:
                forgotten = notice.notice_id
            ready = issue_at.setdefault(notice.notice_id, now + timedelta(days=random.uniform(0.0, _SLOWEST)))
            if notice.notice_id != forgotten and ready <= now:
                try:
                    await lender.use_cases.notices.issue(notice.notice_id, by=COMPLIANCE, seen=notice.version)
                except NoticeNotOwed:
                    continue
                except LetterFailed as fault:
                    lender.remarks.append(f"No letters were issued: {fault}.")
                    return
                await lender.begin(_delivery(lender, notice.notice_id, random), random)


async def _delivery(lender: Lender, notice_id: UUID, random: Random) -> Story:
    notices = lender.use_cases.notices
    returned = random.random() < _RETURNED
    yield at_work(lender.now + timedelta(days=random.uniform(0.5, 4.0)))
    notice = (await notices.read_notice(notice_id, by=COMPLIANCE)).notice
    await notices.record_delivery(
        notice_id,
        DeliveryMethod.MAIL,
        lender.now.date(),
        by=COMPLIANCE,
        seen=notice.version,
        returned=returned,
        text="Returned by the post: moved." if returned else "",
    )
