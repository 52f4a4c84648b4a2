"""From applications to responses."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET

from application.ports.applications.applications import Decision
from application.use_cases.applications.read_applications import (
    ApplicationChain,
    ApplicationList,
    CaseHistory,
    PresentApplication,
)
from domain.access.user import Actor, Permission
from domain.applications.application_action import Acceptance, ApplicationAction, Withdrawal
from domain.applications.application_life import Offer
from domain.applications.synthetic import is_synthetic
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from entrypoints.api.applications.schemas import (
    AcceptanceResponse,
    ApplicationListResponse,
    ApplicationResponse,
    ApplicationSummary,
    CaseOfApplication,
    CaseStep,
    DecisionOfApplication,
    OfferResponse,
    UnreadableApplication,
    WithdrawalResponse,
)
from entrypoints.api.decisions.final_decisions import final_decision_of


def application_response(chain: ApplicationChain, by: Actor) -> ApplicationResponse:
    """An application with everything that was decided and done; how people worked for those who may read cases."""
    internal = by.may(Permission.READ_ALL_DECISIONS)
    present = chain.present
    ended = present.life.ended_by
    return ApplicationResponse(
        **_common(present),
        offer=None if present.life.offer is None else _offer(present.life.offer),
        decisions=list(_decisions(chain.decisions)),
        cases=[_case(history, internal=internal) for history in chain.cases],
        final_decisions=[final_decision_of(each.final, by) for each in chain.cases if each.final is not None],
        acceptance=None if ended is None else _acceptance(ended),
        withdrawal=None if ended is None else _withdrawal(ended),
        etag=etag(present),
    )


def etag(present: PresentApplication) -> str:
    """Identifies the state of an application."""
    return f'"{present.version}"'


def application_list(page: ApplicationList) -> ApplicationListResponse:
    """A page of applications."""
    return ApplicationListResponse(
        applications=[
            application_summary(one) for one in page.applications if isinstance(one, PresentApplication)
        ],
        unreadable=[
            UnreadableApplication(one.decision_id, one.decided_at, one.requested_by, one.problem)
            for one in page.applications
            if isinstance(one, UnreadableDecision)
        ],
        next_cursor=page.next_cursor,
    )


def application_summary(present: PresentApplication) -> ApplicationSummary:
    """An application with its present state."""
    record = present.record
    return ApplicationSummary(
        **_common(present),
        outcome=record.decision.outcome.value,
        decided_at=record.decided_at,
        decisions=len(present.stored.decision_ids),
    )


def _common(present: PresentApplication) -> dict[str, Any]:
    """What a summary and a whole application have in common."""
    record = present.record
    terms, identity = record.application.terms, record.identity
    return {
        "application_id": present.life.application_id,
        "decision_id": present.life.decision_id,
        "state": present.state.value,
        "expires_at": present.life.expires_at,
        "amount": terms.amount.dollars,
        "term": terms.term,
        "requested_by": present.stored.requested_by,
        "application_reference": identity.application_reference,
        "applicant_reference": identity.applicant_reference,
        "source": identity.source,
        "synthetic": is_synthetic(identity),
    }


def _offer(offer: Offer) -> OfferResponse:
    return OfferResponse(
        amount=offer.amount.dollars,
        minimum_amount=offer.smallest.dollars,
        term=offer.term,
        annual_rate=offer.annual_rate,
        expires_at=offer.expires_at,
        final_decision_id=offer.final_decision_id,
    )


def _decisions(decisions: Sequence[Decision]) -> Iterator[DecisionOfApplication]:
    following: list[UUID | None] = [*(each.decision_id for each in decisions[1:]), None]
    for decision, superseded_by in zip(decisions, following, strict=True):
        if isinstance(decision, DecisionRecord):
            reason = decision.supersedes_reason
            yield DecisionOfApplication(
                decision_id=decision.decision_id,
                timestamp=decision.decided_at,
                requested_by=decision.requested_by.name,
                outcome=decision.decision.outcome.value,
                amount=decision.application.terms.amount.dollars,
                supersedes=decision.supersedes,
                supersedes_reason=None if reason is None else reason.value,
                superseded_by=superseded_by,
                problem=None,
            )
        else:
            yield DecisionOfApplication(
                decision_id=decision.decision_id,
                timestamp=decision.decided_at,
                requested_by=decision.requested_by,
                outcome=None,
                amount=None,
                supersedes=None,
                supersedes_reason=None,
                superseded_by=superseded_by,
                problem=decision.problem,
            )


def _case(history: CaseHistory, *, internal: bool) -> CaseOfApplication:
    case = history.case
    steps = [CaseStep(each.at, each.actor.name, each.kind.value) for each in history.actions]
    return CaseOfApplication(
        case_id=case.case_id,
        decision_id=case.decision_id,
        state=case.state.value,
        opened_at=case.opened_at,
        due_at=case.due_at,
        ended_at=case.ended_at,
        problem=history.problem or None,
        actions=steps if internal else UNSET,
    )


def _acceptance(action: ApplicationAction) -> AcceptanceResponse | None:
    if not isinstance(action.details, Acceptance):
        return None
    accepted = action.details
    return AcceptanceResponse(
        amount=accepted.amount.dollars,
        offered_amount=accepted.offered.dollars,
        accepted_at=action.at,
        accepted_by=action.actor.name,
        final_decision_id=accepted.final_decision_id,
    )


def _withdrawal(action: ApplicationAction) -> WithdrawalResponse | None:
    if not isinstance(action.details, Withdrawal):
        return None
    withdrawn = action.details
    return WithdrawalResponse(
        reason=withdrawn.reason.value,
        text=withdrawn.text,
        withdrawn_at=action.at,
        withdrawn_by=action.actor.name,
        withdrawn_from=withdrawn.withdrawn_from.value,
    )
