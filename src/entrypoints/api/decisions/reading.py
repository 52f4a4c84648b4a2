"""A recorded decision as responses and webhooks have it."""

from uuid import UUID

from application.catalog import UseCases
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from domain.access.user import Actor
from entrypoints.api.decisions.presenters import recorded_decision, with_application, with_final_decision
from entrypoints.api.decisions.schemas import RecordedDecision


async def present_decision(use_cases: UseCases, decision_id: UUID, *, by: Actor) -> RecordedDecision:
    """The decision with what a person decided and the state of its application, as the actor may read them."""
    record = await use_cases.read_decision(decision_id, by=by)
    product = await use_cases.read_product_of(record)
    final = await use_cases.read_final_decision(record, by=by)
    outcome = None if final is None else final.outcome
    successors = await use_cases.applications.successors([decision_id], by=by)
    decision = with_final_decision(
        recorded_decision(record, by, product, outcome, successors.get(decision_id)), final, by
    )
    try:
        application = await use_cases.applications.find(decision_id, by=by)
    except (ApplicationNotFound, DecisionUnreadable):  # a trial run, or one whose newer decision cannot be read
        return decision
    return with_application(decision, application)
