"""Letters of the demonstration are sent in time, also those that come back: only the forgotten one is overdue."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from domain.access.user import Actor
from domain.notices.issuing import DeliveryMethod
from domain.notices.notice import Notice
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.notice_story import delivery

ISSUED = datetime(2026, 11, 5, 15, tzinfo=UTC)
NOTICE = Notice(
    notice_id=UUID(int=1),
    kind=NoticeKind.ADVERSE_ACTION,
    cause=NoticeCause.DECISION,
    decision_id=UUID(int=1),
    application_id=UUID(int=1),
    received_at=ISSUED - timedelta(days=2),
    due_at=ISSUED + timedelta(days=3),
    requested_by="portal",
    state=NoticeState.ISSUED,
    version=1,
)


@dataclass
class Desk:
    """Records deliveries as the use cases do, at the time of the story."""

    now: datetime = ISSUED
    notice: Notice = NOTICE
    returns: list[date] = field(default_factory=list)

    @property
    def use_cases(self) -> Any:
        return SimpleNamespace(notices=self)

    async def read_notice(self, _: UUID, *, by: Actor) -> Any:
        return SimpleNamespace(notice=self.notice, by=by)

    async def record_delivery(
        self, _: UUID, method: DeliveryMethod, on: date, *, by: Actor, seen: int, returned: bool, text: str
    ) -> None:
        assert (method, bool(by.name), seen) == (DeliveryMethod.MAIL, True, self.notice.version)
        assert bool(text) or not returned
        if returned:
            self.returns.append(on)
            self.notice = replace(self.notice, state=NoticeState.ISSUED, returned_on=on, version=seen + 1)
        else:
            self.notice = replace(self.notice, state=NoticeState.DELIVERED, delivered_on=on, version=seen + 1)


@pytest.mark.parametrize("seed", range(60))
async def test_no_letter_becomes_overdue_even_if_it_comes_back(seed: int) -> None:
    desk = Desk()
    async for at in delivery(cast("Lender", desk), NOTICE, Random(seed)):
        assert at > desk.now
        assert not desk.notice.overdue_at(at)
        desk.now = at
    assert desk.notice.state is NoticeState.DELIVERED


async def test_some_letters_come_back_and_are_sent_again() -> None:
    returned = 0
    for seed in range(300):
        desk = Desk()
        async for at in delivery(cast("Lender", desk), NOTICE, Random(seed)):
            desk.now = at
        returned += len(desk.returns)
    assert 5 < returned < 40
