"""What people decided last on decisions, from the columns of final decisions."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.cases.case_tables import final_decisions
from adapters.persistence.database.tables import decisions
from application.ports.decisions.decision_archive import FinalOutcomeFilter
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome

_FINAL = final_decisions.c
_LAST_OF_EACH = (
    select(_FINAL.decision_id, _FINAL.outcome)
    .where(_FINAL.decision_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .ext(distinct_on(_FINAL.decision_id))
    .order_by(_FINAL.decision_id, _FINAL.number.desc())
)
_LAST = (
    select(_FINAL.outcome)
    .where(_FINAL.decision_id == decisions.c.decision_id)
    .order_by(_FINAL.number.desc())
    .limit(1)
    .correlate(decisions)
    .scalar_subquery()
)
_NONE = ~exists().where(_FINAL.decision_id == decisions.c.decision_id)


async def final_outcomes(connection: AsyncConnection, ids: Collection[UUID]) -> Mapping[UUID, FinalOutcome]:
    """The last outcome of people on each of these decisions that has one."""
    rows = await connection.execute(_LAST_OF_EACH, {"ids": list(ids)})
    return {row.decision_id: FinalOutcome(row.outcome) for row in rows}


def has_final_outcome(wanted: FinalOutcomeFilter) -> ColumnElement[bool]:
    """Whether a decision has this final outcome, a person's or else the system's."""
    if wanted is FinalOutcomeFilter.UNDECIDED:
        return and_(decisions.c.outcome == Outcome.REFERRED.value, _NONE)
    decided = select(_FINAL.decision_id).where(_FINAL.outcome == wanted.value)
    by_person = and_(decisions.c.decision_id.in_(decided), _LAST.in_([wanted.value]))
    if wanted is FinalOutcomeFilter.COUNTER_OFFER:
        return by_person
    return or_(and_(decisions.c.outcome == wanted.value, _NONE), by_person)
