"""What the applicants of these applications were not notified of yet, from what is recorded about them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cases.case_action import CaseActionKind
from domain.notices.notice_action import NoticeActionKind
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from domain.notices.opening import Unsent
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome

_UNSENT = text(
    f"""
    WITH chain AS (
        SELECT unnest(CAST(:ids AS uuid[])) AS application_id, unnest(CAST(:ids AS uuid[])) AS decision_id
        UNION SELECT application_id, superseded_by FROM superseded_decisions WHERE application_id = ANY(:ids)
    )
    SELECT application_id, notice_id AS id, 'adverse' AS what, received_at AS at FROM notices
    WHERE application_id = ANY(:ids) AND issued_at IS NULL AND kind <> '{NoticeKind.INCOMPLETE.value}'
        AND (state = '{NoticeState.DUE.value}' OR cause <> '{NoticeCause.CASE_EXPIRED.value}')
    UNION ALL
    SELECT chain.application_id, coalesce(answer.action_id, decision_id), 'undecided',
        greatest(decided_at, answer.at)
    FROM chain JOIN superseded_decisions USING (decision_id) JOIN decisions USING (decision_id)
    LEFT JOIN LATERAL (
        SELECT action_id, at FROM case_actions
        WHERE case_id = decision_id AND kind = '{CaseActionKind.INFORMATION_RECEIVED.value}'
        ORDER BY number DESC LIMIT 1
    ) AS answer ON true
    WHERE outcome = '{Outcome.REFERRED.value}'
        AND NOT EXISTS (SELECT FROM final_decisions AS final WHERE final.decision_id = chain.decision_id)
        AND NOT EXISTS (
            SELECT FROM case_actions
            WHERE case_id = chain.decision_id AND case_actions.kind = '{CaseActionKind.EXPIRED.value}'
        )
    UNION ALL
    SELECT application_id, action_id, 'answered', case_actions.at
    FROM chain JOIN cases USING (decision_id) JOIN case_actions USING (case_id)
    WHERE kind = '{CaseActionKind.INFORMATION_RECEIVED.value}'
    UNION ALL
    SELECT application_id, decision_id, 'ended', decided_at FROM chain JOIN decisions USING (decision_id)
    WHERE outcome = '{Outcome.APPROVED.value}'
    UNION ALL
    SELECT application_id, final_decision_id, 'ended', NULL FROM chain JOIN final_decisions USING (decision_id)
    WHERE outcome = '{FinalOutcome.APPROVED.value}'
    UNION ALL
    SELECT application_id, action_id, 'ended', NULL FROM notices JOIN notice_actions USING (notice_id)
    WHERE application_id = ANY(:ids) AND notices.kind <> '{NoticeKind.INCOMPLETE.value}'
        AND notice_actions.kind = '{NoticeActionKind.ISSUED.value}'
    """  # noqa: S608 - our own text
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
"""A closing that is not owed any more may be one of which a letter warned in time, so it counts only while due."""


async def unsent_on(connection: AsyncConnection, application_ids: Sequence[UUID]) -> defaultdict[UUID, Unsent]:
    """What was not sent on each of these applications; nothing on any other one."""
    found: defaultdict[UUID, Unsent] = defaultdict(Unsent)
    if application_ids:
        for row in await connection.execute(_UNSENT, {"ids": list(application_ids)}):
            getattr(found[row.application_id], row.what)[row.id] = row.at
    return found
