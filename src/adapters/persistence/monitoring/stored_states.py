"""The state of what is stored, read from PostgreSQL by index and from its catalog."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.webhooks.event_messages import EXPIRY
from application.ports.operations.stored_state import (
    CaseQueue,
    LastVerification,
    NoticeQueue,
    StoredState,
    StoredStates,
)
from domain.audit.event import EventKind
from domain.month import Month

STATE = text(
    f"""
    SELECT batches.*, waiting.*, dead.*, storage.*, now() AS at,
        (SELECT at FROM checkpoints ORDER BY number DESC LIMIT 1) AS checkpointed_at,
        (SELECT coalesce(max(number), 0) FROM checkpoints) AS last_checkpoint,
        ARRAY(
            SELECT document FROM recorded_events WHERE kind = :verified ORDER BY event_id DESC LIMIT 20
        ) AS verified,
        pg_database_size(current_database()) AS database_bytes,
        unsent.*, cases.*, coalesce(approvals.oldest, 0) AS oldest_second_approval
    FROM
        (
            SELECT jsonb_object_agg(state, number) AS cases_by_state, coalesce(sum(overdue), 0)::int AS overdue,
                extract(epoch FROM now() - min(oldest))::float AS oldest_case
            FROM (
                SELECT CASE WHEN state = 'assigned' AND lease_until <= now() THEN 'open' ELSE state END AS state,
                    count(*) AS number,
                    count(*) FILTER (WHERE due_at < now() AND state <> 'awaiting_applicant') AS overdue,
                    min(opened_at) FILTER (WHERE state <> 'awaiting_applicant') AS oldest
                FROM cases WHERE state NOT IN ('resolved', 'withdrawn', 'expired') GROUP BY 1
            ) AS by_state
        ) AS cases,
        (
            SELECT extract(epoch FROM now() - min(proposed.at))::float AS oldest FROM cases CROSS JOIN LATERAL (
                SELECT at FROM case_actions
                WHERE case_actions.case_id = cases.case_id AND kind = 'case resolution proposed'
                ORDER BY number DESC LIMIT 1
            ) AS proposed
            WHERE state NOT IN ('resolved', 'withdrawn', 'expired') AND state = 'awaiting_second_approval'
        ) AS approvals,
        (
            SELECT count(*) FILTER (WHERE state = 'due') AS notices_due,
                count(*) FILTER (WHERE state = 'issued') AS notices_issued,
                count(*) FILTER (WHERE due_at > now() AND due_at <= now() + interval '7 days') AS notices_due_soon,
                count(*) FILTER (WHERE due_at <= now()) AS notices_overdue,
                extract(epoch FROM now() - min(due_at))::float AS longest_overdue
            FROM notices WHERE state IN ('due', 'issued') AND delivered_on IS NULL
        ) AS unsent,
        (
            SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
                count(*) FILTER (WHERE state = 'running') AS running,
                extract(epoch FROM now() - min(submitted_at) FILTER (WHERE state = 'queued'))::float AS queued_age
            FROM batches WHERE state IN ('queued', 'running')
        ) AS batches,
        (
            SELECT (SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting')
                + (SELECT count(*) FROM webhook_deliveries WHERE state = 'pending') AS waiting,
                extract(epoch FROM now() - least(
                    (SELECT min(created_at) FROM webhook_deliveries WHERE state = 'waiting'),
                    (SELECT min(expires_at) - {EXPIRY} FROM webhook_deliveries WHERE state = 'pending')
                ))::float AS waiting_age
        ) AS waiting,
        (SELECT count(*) AS dead FROM webhook_deliveries WHERE state = 'dead') AS dead,
        (
            SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint AS decisions_estimate,
                array_agg(substring(pg_get_expr(relpartbound, pg_class.oid) FROM $re$FROM \\('([^']+)'\\)$re$))
                    AS first_identifiers
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'decisions'::regclass
        ) AS storage
    """  # noqa: S608 - our own text
)
"""The queues and the last rows are read by index; decisions are estimated from the planner's statistics."""


class PostgresStoredStates(StoredStates):
    """One statement, which reads no table of decisions or audit entries.

    Of the last verifications, those count whose details `is_genuine` accepts: others can add rows, too.
    """

    def __init__(
        self, engine: AsyncEngine, is_genuine: Callable[[Mapping[str, Any]], bool] = lambda _: True
    ) -> None:
        self._engine = engine
        self._is_genuine = is_genuine

    async def read(self) -> StoredState:
        async with transaction(self._engine) as connection:
            row = (await connection.execute(STATE, {"verified": EventKind.TRAIL_VERIFIED.value})).one()
        return StoredState(
            batches_queued=row.queued,
            batches_running=row.running,
            oldest_queued_seconds=max(0.0, row.queued_age or 0.0),
            messages_pending=row.waiting,
            oldest_pending_seconds=max(0.0, row.waiting_age or 0.0),
            dead_letters=row.dead,
            last_checkpoint=row.last_checkpoint,
            checkpointed_at=row.checkpointed_at,
            verification=self._last_verification(row.verified),
            partitions_ahead=_partitions_ahead(row.at, row.first_identifiers or ()),
            database_bytes=row.database_bytes,
            decisions_estimate=row.decisions_estimate,
            cases=CaseQueue(
                by_state=row.cases_by_state or {},
                overdue=row.overdue,
                oldest_seconds=max(0.0, row.oldest_case or 0.0),
                oldest_second_approval_seconds=max(0.0, row.oldest_second_approval),
            ),
            notices=NoticeQueue(
                due=row.notices_due,
                issued=row.notices_issued,
                due_soon=row.notices_due_soon,
                overdue=row.notices_overdue,
                longest_overdue_seconds=max(0.0, row.longest_overdue or 0.0),
            ),
        )

    def _last_verification(self, documents: Sequence[str]) -> LastVerification | None:
        """The newest verification by the time that is signed: a copy of an old event is not the newest."""
        found = [self._verification(document) for document in documents]
        return max((each for each in found if each), key=lambda each: each.at, default=None)

    def _verification(self, document: str) -> LastVerification | None:
        """The verification that an event records; None if the event was not written by the service."""
        try:
            event = json.loads(document)
            details = event["details"]
            at = datetime.fromisoformat(details.get("verified_at") or event["at"])
            whole_at = datetime.fromisoformat(details["whole_at"]) if "whole_at" in details else None
            if not self._is_genuine(details):
                return None
            return LastVerification(at.astimezone(UTC), details["violations"] == 0, whole_at)
        except (ValueError, KeyError, TypeError, AttributeError):  # reported by the next verification
            return None


def _partitions_ahead(now: datetime, first_identifiers: Iterable[str | None]) -> int:
    """Consecutive months after the current one that have a partition, by the partitions' lower bounds."""
    existing = {_month_of(UUID(bound)) for bound in first_identifiers if bound is not None}
    this, ahead = Month.of(now), 0
    while this.later(ahead + 1) in existing:
        ahead += 1
    return ahead


def _month_of(bound: UUID) -> Month:
    """The month that begins at a bound: its first 48 bits are milliseconds since 1970, the others zero."""
    return Month.of(datetime.fromtimestamp((bound.int >> 80) / 1000, UTC))
