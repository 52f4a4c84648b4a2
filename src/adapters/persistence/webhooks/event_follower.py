"""Queues messages on what the audit trail says happened.

Notices that become due have no entry of their own, and many outcomes of loans come from files. What writes them
queues their messages (`queue_events`).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.pending_entries import DECISION
from adapters.persistence.audit.trail_following import PostgresTrailConsumer
from adapters.persistence.webhooks.event_messages import queue_messages
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED
from domain.notices.notice_action import NoticeActionKind
from domain.webhooks.event import WebhookEvent


def _events(event: WebhookEvent, subject: str, source: str, condition: str) -> str:
    """The events of one kind; without a subscription to it, nothing is looked up."""
    subscribed = f"EXISTS (SELECT FROM webhook_subscriptions WHERE ended_at IS NULL AND '{event}' = ANY (events))"
    return f"""
    SELECT '{event}' AS event, {subject} AS subject, requested_by AS owner, pending.at
    FROM pending {source} WHERE {condition} AND {subscribed}
    """  # noqa: S608 - our own text


def _lookup(table: str, key: str, value: str) -> str:
    """The row of each entry, looked up one by one: another plan would read the whole table."""
    return f"CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {key} = {value} OFFSET 0) AS of_{table}"  # noqa: S608 - our own text


_CHANNEL = "(SELECT channel FROM decisions WHERE decision_id = subject)"
_HAPPENED = " UNION ALL ".join(
    (
        _events(
            WebhookEvent.DECISION_RECORDED,
            "decision_id",
            DECISION,
            f"action = '{DECISION_RECORDED}' AND channel IN ('api', 'web') AND trial IS NOT TRUE",
        ),
        _events(
            WebhookEvent.DECISION_SUPERSEDED,
            "of_decisions.decision_id",
            _lookup("superseded_decisions", "superseded_by", "subject")
            + " "
            + _lookup("decisions", "decisions.decision_id", "of_superseded_decisions.application_id"),
            f"action = '{DECISION_RECORDED}' AND {_CHANNEL} IN ('api', 'web')",
        ),
        _events(
            WebhookEvent.CASE_RESOLVED,
            "of_cases.decision_id",
            _lookup("final_decisions", "final_decision_id", "subject")
            + " "
            + _lookup("cases", "cases.case_id", "of_final_decisions.case_id"),
            f"action = '{FINAL_DECISION_RECORDED}'",
        ),
        _events(
            WebhookEvent.NOTICE_ISSUED,
            "of_notices.notice_id",
            _lookup("notice_actions", "action_id", "subject")
            + " "
            + _lookup("notices", "notices.notice_id", "of_notice_actions.notice_id"),
            f"action = '{NoticeActionKind.ISSUED}'",
        ),
    )
)


class EventFollower(PostgresTrailConsumer):
    """Queues messages for subscriptions, in the transaction that advances the positions: each exactly once."""

    name = "webhooks"
    relevant = queue_messages(_HAPPENED) + " RETURNING subject"

    async def handle(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        """The statement has queued them."""
