"""What holds about the applications of notices now, from what is recorded about them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.applications.application_action import ApplicationActionKind
from domain.cases.case_action import CaseActionKind
from domain.notices.cancelling import Standing
from domain.notices.deadlines import NoticeClock
from domain.policies.final_outcome import FinalOutcome

_ENDS_AWAITING = (
    CaseActionKind.INFORMATION_REQUESTED,
    CaseActionKind.INFORMATION_RECEIVED,
    CaseActionKind.RESOLVED,
    CaseActionKind.EXPIRED,
    CaseActionKind.WITHDRAWN,
)
"""Actions on a case of which the last one says whether the applicant is awaited, and because of which request."""
_KINDS = ", ".join(f"'{kind.value}'" for kind in _ENDS_AWAITING)
_STANDING = text(
    f"""
    SELECT notices.notice_id, final.final_decision_id, final.outcome, ended.action_id AS ended_by,
        ended.kind AS ended_kind, cause.at AS closed_at, asked.delivered_on,
        EXISTS (SELECT FROM superseded_decisions WHERE decision_id = notices.decision_id) AS superseded,
        (
            SELECT action_id FROM case_actions
            WHERE case_id = cause.case_id AND kind IN ({_KINDS}) ORDER BY number DESC LIMIT 1
        ) AS last_of_case
    FROM notices LEFT JOIN LATERAL (
        SELECT final_decision_id, outcome FROM final_decisions
        WHERE decision_id = notices.decision_id ORDER BY number DESC LIMIT 1
    ) AS final ON true LEFT JOIN LATERAL (
        SELECT action_id, kind FROM application_actions
        WHERE application_id = notices.application_id ORDER BY number DESC LIMIT 1
    ) AS ended ON true LEFT JOIN case_actions AS cause ON cause.action_id = notices.notice_id
    LEFT JOIN LATERAL (
        SELECT requests.delivered_on FROM case_actions
        LEFT JOIN notices AS requests ON requests.notice_id = case_actions.action_id
        WHERE case_actions.case_id = cause.case_id
            AND case_actions.kind = '{CaseActionKind.INFORMATION_REQUESTED.value}'
        ORDER BY number DESC LIMIT 1
    ) AS asked ON true
    WHERE notices.notice_id = ANY(:ids)
    """  # noqa: S608 - our own text
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))


async def standings(
    connection: AsyncConnection, notice_ids: Sequence[UUID], clock: NoticeClock
) -> dict[UUID, Standing]:
    """What holds about the applications of these notices."""
    rows = await connection.execute(_STANDING, {"ids": list(notice_ids)})
    return {row.notice_id: _standing(row, clock) for row in rows}


def _standing(row: Row[Any], clock: NoticeClock) -> Standing:
    delivered_on = row.delivered_on
    return Standing(
        superseded=row.superseded,
        final_decision_id=row.final_decision_id,
        final_approves=row.outcome == FinalOutcome.APPROVED.value,
        ended_by=row.ended_by,
        accepted=row.ended_kind == ApplicationActionKind.ACCEPTED.value,
        awaited=row.last_of_case is not None and row.last_of_case == row.notice_id,
        asked_in_time=delivered_on is not None and delivered_on < clock.day(row.closed_at),
    )
