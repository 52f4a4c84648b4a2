"""From resolutions and final decisions to responses."""

from typing import Any

from application.use_cases.cases.blind_decision import BlindDecision as Blind
from application.use_cases.cases.quality_reviews import QualityReview, QualityReviewPage
from domain.applications.money import Money
from domain.cases.applied_authority import AppliedAuthority
from domain.cases.case_authority import CaseAuthority
from domain.cases.case_authority import OutcomeAuthority as DomainOutcome
from domain.cases.counter_offer import OfferedLoan
from domain.cases.final_decision import FinalDecision
from domain.cases.proceedings import Proceedings
from domain.cases.resolution import Condition, DocumentPointer
from entrypoints.api.cases.resolution_schemas import (
    Authority,
    AuthorityApplied,
    BlindDecision,
    ConditionResponse,
    Document,
    FinalDecisionResponse,
    Loan,
    OutcomeAuthority,
    ProposalResponse,
    QualityReviewList,
    QualityReviewResponse,
    ResolutionReason,
)


def final_decision_response(decided: FinalDecision) -> FinalDecisionResponse:
    """A final decision."""
    loan = None
    if decided.amount is not None and decided.instalment is not None:
        loan = Loan(
            decided.amount.dollars,
            decided.term or 0,
            decided.grade or "",
            decided.annual_rate or 0.0,
            decided.instalment.dollars,
        )
    return FinalDecisionResponse(
        final_decision_id=decided.final_decision_id,
        decision_id=decided.decision_id,
        case_id=decided.case_id,
        number=decided.number,
        outcome=decided.outcome.value,
        override=decided.override.value,
        system_outcome=decided.system_outcome.value,
        recommended=decided.recommended.value,
        own_view=decided.own_view.value if decided.own_view else None,
        reason=decided.reason,
        reason_text=decided.reason_text,
        text=decided.text,
        maker=decided.maker.name,
        checker=decided.checker.name if decided.checker else None,
        checker_text=decided.checker_text,
        checker_limit=_dollars(decided.checker_limit),
        authority=_applied(decided.authority),
        case_version=decided.case_version,
        opened_at=decided.opened_at,
        decided_at=decided.decided_at,
        dwell_seconds=decided.dwell_seconds,
        loan=loan,
        documents=[_document(each) for each in decided.documents],
        conditions=conditions(decided.conditions),
        previous=decided.previous,
    )


def proposal_response(proceedings: Proceedings) -> ProposalResponse | None:
    """The proposal that waits for a second person, if one does."""
    proposal, maker = proceedings.proposal, proceedings.maker
    if proposal is None or maker is None or proceedings.final_decision_id is not None:
        return None
    resolution = proposal.resolution
    return ProposalResponse(
        outcome=resolution.outcome.value,
        override=proposal.override.value,
        reason=resolution.reason,
        reason_text=proposal.reason_text,
        text=resolution.text,
        maker=maker.name,
        loan=None if proposal.loan is None else loan_of(proposal.loan),
        authority=_applied(proposal.authority),
        documents=[_document(each) for each in resolution.documents],
        conditions=[each.text for each in resolution.conditions],
    )


def conditions(of: tuple[Condition, ...]) -> list[ConditionResponse]:
    """Conditions in their present state."""
    return [ConditionResponse(each.number, each.text, each.state.value, each.reason) for each in of]


def authority_response(authority: CaseAuthority) -> Authority:
    """What a person may do on a case."""
    return Authority(
        outcomes=[outcome_authority(each) for each in authority.outcomes],
        counter_offers=[loan_of(each) for each in authority.counter_offers],
        cannot_resolve=authority.cannot_resolve,
        cannot_check=authority.cannot_check,
        cannot_review_quality=authority.cannot_review_quality,
        own_view_required=authority.own_view_required,
    )


def blind_decision(decision: Blind) -> BlindDecision:
    """A decision without score and recommendation."""
    terms = decision.application.terms
    return BlindDecision(
        decision_id=decision.decision_id,
        decided_at=decision.decided_at,
        requested_by=decision.requested_by,
        amount=terms.amount.dollars,
        term=terms.term,
        purpose=terms.purpose,
        applicant=dict(decision.application.applicant),
        bureau_status=decision.circumstances.bureau_status.value,
        failed_rules=list(decision.failed_rules),
        reasons=[ResolutionReason(each.code, each.text) for each in decision.rule_reasons],
    )


def quality_list(page: QualityReviewPage) -> QualityReviewList:
    """A page of quality reviews."""
    return QualityReviewList([_quality(each) for each in page.reviews], page.next_cursor, page.total)


def loan_of(loan: OfferedLoan) -> Loan:
    """An offered loan, in dollars."""
    return Loan(loan.amount.dollars, loan.term, loan.grade, loan.annual_rate, loan.instalment.dollars)


def _quality(of: QualityReview) -> QualityReviewResponse:
    case, decided = of.case, of.decided
    known: dict[str, Any] = {"state": case.quality.value if case.quality else "waiting"}
    return QualityReviewResponse(
        case_id=case.case_id,
        decision_id=case.decision_id,
        version=case.version,
        resolved_at=case.ended_at,
        amount=case.amount.dollars,
        decided=decided.outcome.value if decided else None,
        maker=decided.maker.name if decided else None,
        checker=decided.checker.name if decided and decided.checker else None,
        reviewer=of.reviewer,
        reviewed_at=of.reviewed_at,
        reviewed=of.review.outcome.value if of.review else None,
        text=of.review.text if of.review else None,
        **known,
    )


def outcome_authority(of: DomainOutcome) -> OutcomeAuthority:
    """What one outcome would be for a person."""
    return OutcomeAuthority(
        outcome=of.outcome.value,
        override=of.override.value,
        second_person=[each.value for each in of.second_person],
        rule=of.rule,
        limit=_dollars(of.limit),
        loan=None if of.loan is None else loan_of(of.loan),
        refused=of.refused,
        reasons=[ResolutionReason(each.code, each.text) for each in of.reasons],
    )


def _applied(authority: AppliedAuthority) -> AuthorityApplied:
    return AuthorityApplied(
        role=authority.role.value,
        rule=authority.rule,
        limit=_dollars(authority.limit),
        second_person=[each.value for each in authority.second_person],
    )


def _document(pointer: DocumentPointer) -> Document:
    return Document(pointer.type, pointer.date, pointer.sha256)


def _dollars(amount: Money | None) -> float | None:
    return None if amount is None else amount.dollars
