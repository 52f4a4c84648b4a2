"""Opens and cancels notices as the audit trail says what happened to applications."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, bindparam, select, union
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.applications.application_tables import applications, superseded_decisions
from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.audit.trail_following import PostgresTrailConsumer
from adapters.persistence.cases.case_tables import final_decisions
from adapters.persistence.database.tables import decisions
from adapters.persistence.notices.adverse_events import adverse_events
from adapters.persistence.notices.followed_events import FOLLOWED
from adapters.persistence.notices.notice_rows import NOTICE_COLUMNS, from_row, to_row
from adapters.persistence.notices.notice_tables import notices
from adapters.persistence.notices.notice_writer import write_change
from adapters.persistence.notices.standing import standings
from adapters.persistence.notices.unsent import unsent_on
from adapters.persistence.webhooks.event_messages import queue_events
from application.ports.notices.notices import NoticeChange
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from domain.access.user import Actor
from domain.notices.cancelling import NoticeCancelled, cancellation_reason
from domain.notices.deadlines import NoticeClock
from domain.notices.notice import Notice
from domain.notices.notice_state import NoticeState
from domain.notices.opening import AdverseEvent, Unsent, opened
from domain.webhooks.event import WebhookEvent

_IDS = bindparam("ids", type_=ARRAY(UuidType))
_DUE = notices.c.state == NoticeState.DUE.value
_OWNERS = select(decisions.c.decision_id, decisions.c.requested_by).where(decisions.c.decision_id == any_(_IDS))
"""Who requested first decisions, and so owns their applications."""
_CHANGED_SINCE = union(
    select(superseded_decisions.c.application_id).where(superseded_decisions.c.decision_id == any_(_IDS)),
    select(final_decisions.c.decision_id).where(final_decisions.c.decision_id == any_(_IDS)),
    select(applications.c.application_id).where(applications.c.application_id == any_(_IDS)),
)
"""Of these first decisions, those on whose application something happened already."""
_AT_RISK = (
    select(*NOTICE_COLUMNS)
    .where(notices.c.application_id == any_(_IDS), _DUE)
    .order_by(notices.c.notice_id)
    .with_for_update()
)


class NoticeFollower(PostgresTrailConsumer):
    """Opens the notices that declines, counter-offers, requests and closings make due; cancels those not owed.

    Positions, notices and cancellations are written in one transaction, so that each event counts once.
    """

    name = "notices"
    relevant = FOLLOWED

    def __init__(  # noqa: PLR0917 - the parts of the process
        self,
        engine: AsyncEngine,
        notice_clock: NoticeClock,
        clock: Clock,
        identifiers: Identifiers,
        by: Actor,
        events: EventChain | None = None,
    ) -> None:
        super().__init__(engine)
        self._notice_clock = notice_clock
        self._clock = clock
        self._identifiers = identifiers
        self._by = by
        self._events = events or EventChain()

    async def handle(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        touched = {row.application_id for row in rows if row.application_id != row.subject}
        due = await self._open(connection, rows, list(touched))
        fresh = [notice.application_id for notice in due if notice.application_id == notice.notice_id]
        touched |= set((await connection.execute(_CHANGED_SINCE, {"ids": fresh})).scalars())
        cancelled = await self._cancel(connection, list(touched))
        at = self._clock.now()
        happened = [(each.notice_id, each.requested_by, at) for each in due if each.notice_id not in cancelled]
        await queue_events(connection, WebhookEvent.NOTICE_DUE, happened)

    async def _open(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]], touched: Sequence[UUID]
    ) -> list[Notice]:
        """Open and return the notices. They belong to the user who owns the application."""
        unsent = await unsent_on(connection, touched)
        owners: dict[UUID, str] = {}
        if touched:
            first = await connection.execute(_OWNERS, {"ids": touched})
            owners = {row.decision_id: row.requested_by for row in first}
        events = [event for row in sorted(rows, key=attrgetter("subject")) for event in adverse_events(row)]
        owned = [replace(each, requested_by=owners.get(each.application_id, each.requested_by)) for each in events]
        due = list(_opened(owned, unsent, self._notice_clock))
        if due:
            statement = insert(notices).on_conflict_do_nothing(index_elements=[notices.c.notice_id])
            await connection.execute(statement, [to_row(notice) for notice in due])
        return due

    async def _cancel(self, connection: AsyncConnection, application_ids: Sequence[UUID]) -> set[UUID]:
        """Cancel the notices on these applications that are not owed, and return them."""
        if not application_ids:
            return set()
        found = (await connection.execute(_AT_RISK, {"ids": list(application_ids)})).all()
        known = await standings(connection, [row.notice_id for row in found], self._notice_clock)
        documents, cancelled = [], set()
        for row in found:
            notice = from_row(row._mapping)
            reason = cancellation_reason(notice, known[notice.notice_id])
            if reason is None:
                continue
            action = notice.act(
                NoticeCancelled(reason), by=self._by, at=self._clock.now(), action_id=self._identifiers.new()
            )
            change = NoticeChange(notice.after(action), action)
            documents.append(await write_change(connection, change, self._notice_clock))
            cancelled.add(notice.notice_id)
        if documents:
            await self._events.append_entries(connection, documents)
        return cancelled


def _opened(
    events: Sequence[AdverseEvent], unsent: defaultdict[UUID, Unsent], clock: NoticeClock
) -> Iterator[Notice]:
    """The notices of events in their order; each may follow one that was not issued."""
    for event in events:
        of_application = unsent[event.application_id]
        notice = opened(replace(event, unsent_since=of_application.since(event)), clock)
        of_application.add(notice)
        yield notice
