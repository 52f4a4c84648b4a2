"""An application that is decided several times, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.applications.superseding_decisions import PostgresSupersedingDecisions
from application.ports.applications.superseding_decisions import SupersedingDecision
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.superseding import SupersedesReason
from domain.decisions.decision_record import DecisionRecord
from support.builders import A_MOMENT, a_decision_record
from support.databases import ledger_at

IDENTITY = ApplicationIdentity(application_reference="LN-1", applicant_reference="C-1")


async def decide_again(url: str, engine: AsyncEngine, decision_ids: Sequence[UUID]) -> list[DecisionRecord]:
    """Record the decisions of a chain, one minute after another; returns them."""
    first = a_decision_record(decision_id=decision_ids[0], identity=IDENTITY, trial=False, decided_at=A_MOMENT)
    async with ledger_at(url) as ledger:
        await ledger.record(first)
    applications, records = PostgresApplications(engine), [first]
    for decision_id in decision_ids[1:]:
        later = replace(
            records[-1],
            decision_id=decision_id,
            decided_at=records[-1].decided_at.replace(minute=records[-1].decided_at.minute + 1),
            supersedes=records[-1].decision_id,
            supersedes_reason=SupersedesReason.CORRECTION,
        )
        seen = await applications.find(first.decision_id)
        assert seen is not None
        await PostgresSupersedingDecisions(engine).record(SupersedingDecision(later, seen, later.reference))
        records.append(later)
    return records
