"""From referral cases to responses."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from application.ports.cases.cases import CasePage
from application.use_cases.cases.blind_decision import BlindDecision
from application.use_cases.cases.read_cases import CaseView, Shown
from domain.access.user import Actor
from domain.applications.money import Money
from domain.cases.case_action import CaseAction
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.products.product_definition import ProductDefinition
from entrypoints.api.cases.resolution_presenters import (
    authority_response,
    blind_decision,
    conditions,
    final_decision_response,
    proposal_response,
)
from entrypoints.api.cases.schemas import (
    CaseActionResponse,
    CaseDetail,
    CaseList,
    CaseResponse,
    RelatedDecision,
)
from entrypoints.api.decisions.presenters import recorded_decision


def case_response(case: ReferralCase, at: datetime) -> CaseResponse:
    """A case as people see it at a time."""
    return CaseResponse(
        case_id=case.case_id,
        decision_id=case.decision_id,
        state=case.state_at(at).value,
        version=case.version,
        etag=etag(case),
        opened_at=case.opened_at,
        due_at=case.due_at,
        request_due_at=case.request_due_at,
        overdue=case.overdue_at(at),
        breached_at=case.breached_at,
        amount=case.amount.dollars,
        grade=case.grade,
        reasons=list(case.reasons),
        requested_by=case.requested_by,
        application_reference=case.application_reference,
        applicant_reference=case.applicant_reference,
        synthetic=case.synthetic,
        assignee=case.assignee,
        assigned_at=case.assigned_at,
        lease_until=case.lease_until,
        proposed_by=case.proposed_by,
        awaiting_since=case.awaiting_since,
        answer_by=case.answer_by,
        ended_at=case.ended_at,
        changed_at=case.changed_at,
        changed_by=case.changed_by,
    )


def etag(case: ReferralCase) -> str:
    """Identifies the version of a case."""
    return f'"{case.version}"'


def case_list(page: CasePage, at: datetime) -> CaseList:
    """A page of cases."""
    return CaseList([case_response(case, at) for case in page.cases], page.next_cursor, page.total)


def case_detail(view: CaseView, product: ProductDefinition | None, *, by: Actor, at: datetime) -> CaseDetail:
    """A case with everything that belongs to it; the product is that of its decision."""
    record = view.record
    decision = None
    if isinstance(record, DecisionRecord) and product is not None:
        present = view.present_decision
        decision = recorded_decision(record, by, product, present.outcome if present else None)
    return CaseDetail(
        case=case_response(view.case, at),
        decision=decision,
        actions=[_action(action) for action in view.actions],
        related=[_related(other) for other in view.related],
        conditions=conditions(view.proceedings.conditions),
        proposal=proposal_response(view.proceedings),
        final_decision=final_decision_response(view.final_decision) if view.final_decision else None,
        quality=view.case.quality.value if view.case.quality else None,
        authority=authority_response(view.authority) if view.authority else None,
        withheld=view.withheld,
        blind_decision=blind_decision(record) if isinstance(record, BlindDecision) else None,
    )


def _action(action: CaseAction) -> CaseActionResponse:
    return CaseActionResponse(
        number=action.number,
        action_id=action.action_id,
        at=action.at,
        by=action.actor.name,
        role=action.actor.role.value,
        action=action.kind.value,
        details=_shown(action.details),
    )


def _shown(value: Any) -> Any:
    """A value of the domain as JSON, with money in dollars."""
    if isinstance(value, Money):
        return value.dollars
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {field.name: _shown(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, (tuple, list, frozenset)) else value


def _related(decision: Shown) -> RelatedDecision:
    by = decision.requested_by
    known: dict[str, Any] = {"amount": None, "term": None, "application_reference": None}
    if not isinstance(decision, UnreadableDecision):
        terms = decision.application.terms
        known = {
            "amount": terms.amount.dollars,
            "term": terms.term,
            "application_reference": decision.identity.application_reference,
        }
    return RelatedDecision(
        decision_id=decision.decision_id,
        decided_at=decision.decided_at,
        requested_by=by if isinstance(by, str) else by.name,
        outcome=decision.decision.outcome.value if isinstance(decision, DecisionRecord) else None,
        **known,
    )
