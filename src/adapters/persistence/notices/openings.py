"""What made notices due, read again from what is recorded, for verification."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.notices.adverse_events import adverse_events
from adapters.persistence.notices.followed_events import FOLLOWED
from domain.applications.application_action import ApplicationActionKind
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED
from domain.cases.case_action import CaseActionKind
from domain.notices.opening import AdverseEvent
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_OPENINGS = text(
    f"""
    WITH pending AS MATERIALIZED (SELECT subject, action FROM audit_entries WHERE subject = ANY(:ids))
    SELECT followed.*, owner.requested_by AS owner FROM ({FOLLOWED}) AS followed LEFT JOIN LATERAL (
        SELECT requested_by FROM decisions WHERE decision_id = followed.application_id OFFSET 0
    ) AS owner ON true
    """  # noqa: S608 - our own text
).bindparams(_IDS)
_REQUESTED, _EXPIRED = CaseActionKind.INFORMATION_REQUESTED.value, CaseActionKind.EXPIRED.value
_WITHDRAWN = ApplicationActionKind.WITHDRAWN.value
_WITHOUT_NOTICE = text(
    f"""
    SELECT subject FROM (
        SELECT decision_id AS subject FROM decisions
        WHERE decision_id > :after AND outcome = '{Outcome.DECLINED.value}' AND trial IS NOT TRUE
        UNION ALL
        SELECT final_decision_id FROM final_decisions WHERE final_decision_id > :after
            AND outcome IN ('{FinalOutcome.DECLINED.value}', '{FinalOutcome.COUNTER_OFFER.value}')
        UNION ALL
        SELECT action_id FROM case_actions WHERE action_id > :after AND kind IN ('{_REQUESTED}', '{_EXPIRED}')
        UNION ALL
        SELECT action_id FROM application_actions WHERE action_id > :after AND kind = '{_WITHDRAWN}'
    ) AS adverse
    WHERE subject >= :first AND NOT EXISTS (SELECT FROM notices WHERE notice_id = subject) AND EXISTS (
        SELECT FROM audit_entries AS entry JOIN trail_positions USING (chain)
        WHERE entry.subject = adverse.subject AND consumer = 'notices' AND sequence > began AND sequence <= length
            AND action IN (
                '{DECISION_RECORDED}', '{FINAL_DECISION_RECORDED}', '{_REQUESTED}', '{_EXPIRED}', '{_WITHDRAWN}'
            )
    )
    ORDER BY subject LIMIT :limit
    """  # noqa: S608 - our own text
).bindparams(bindparam("after", type_=Uuid()), bindparam("first", type_=Uuid()))
"""What was followed and may make a notice due, of which there is none."""


async def openings(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, AdverseEvent]:
    """The events with these identifiers that make a notice due; none whose decision was moved to an archive.

    A notice belongs to the user who owns the application, whose first decision may have been moved.
    """
    rows = await connection.execute(_OPENINGS, {"ids": list(ids)})
    found = [(event, row.owner) for row in rows for event in adverse_events(row)]
    return {event.subject: replace(event, requested_by=owner or "") for event, owner in found}


async def without_notice(
    connection: AsyncConnection, *, after: UUID, limit: int, since: datetime | None
) -> list[UUID]:
    """The next identifiers that may lack a notice."""
    first = UUID(int=0) if since is None else first_identifier(since)
    rows = await connection.execute(_WITHOUT_NOTICE, {"after": after, "first": first, "limit": limit})
    return list(rows.scalars())
