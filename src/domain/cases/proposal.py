"""A proposal: a resolution with everything that follows from it by the decision, its policy and its model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access.user import Actor
from domain.applications.money import Money
from domain.cases.applied_authority import AppliedAuthority
from domain.cases.counter_offer import CounterOffers, OfferedLoan
from domain.cases.final_decision import FinalDecision
from domain.cases.override import OverrideType, override_type, recommended_outcome
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import DocumentPointer, InvalidResolution, Resolution, conditions_of
from domain.cases.resolution_errors import OwnViewRequired
from domain.cases.second_person import applied_authority, reverses_decline
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.review_terms import ReviewTerms
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class WantedResolution:
    """What an underwriter asks for. A counter-offer has an amount and a term; `reason` is a code of the policy."""

    outcome: FinalOutcome
    reason: str
    text: str
    amount: Money | None = None
    term: int | None = None
    documents: tuple[DocumentPointer, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A resolution, the loan that it offers (None for a decline), its override type and the maker's authority.

    `number` is that of the final decision that it becomes, and `previous` the one which that overrides.
    """

    resolution: Resolution
    reason_text: str
    override: OverrideType
    authority: AppliedAuthority
    recommended: FinalOutcome
    system_outcome: Outcome
    case_version: int
    dwell_seconds: float
    number: int = 1
    loan: OfferedLoan | None = None
    own_view: FinalOutcome | None = None
    previous: UUID | None = None

    def final_decision(
        self,
        final_decision_id: UUID,
        case: ReferralCase,
        *,
        maker: Actor,
        at: datetime,
        checker: Actor | None = None,
        checker_text: str = "",
        checker_limit: Money | None = None,
    ) -> FinalDecision:
        """The final decision that the proposal becomes."""
        loan = self.loan
        return FinalDecision(
            final_decision_id=final_decision_id,
            decision_id=case.decision_id,
            case_id=case.case_id,
            number=self.number,
            outcome=self.resolution.outcome,
            override=self.override,
            system_outcome=self.system_outcome,
            recommended=self.recommended,
            reason=self.resolution.reason,
            reason_text=self.reason_text,
            text=self.resolution.text,
            maker=maker,
            authority=self.authority,
            case_version=self.case_version,
            opened_at=case.opened_at,
            decided_at=at,
            dwell_seconds=self.dwell_seconds,
            checker=checker,
            checker_text=checker_text,
            checker_limit=checker_limit,
            amount=loan.amount if loan else None,
            term=loan.term if loan else None,
            grade=loan.grade if loan else None,
            annual_rate=loan.annual_rate if loan else None,
            instalment=loan.instalment if loan else None,
            documents=self.resolution.documents,
            conditions=self.resolution.conditions,
            own_view=self.own_view,
            previous=self.previous,
        )


@dataclass(frozen=True, slots=True)
class CaseRules:
    """What applies to the cases of one decision: its own policy and model, and the final decision before on it.

    Final decisions on superseded decisions count no more: a person's decline is never superseded.
    """

    record: DecisionRecord
    policy: ScoringPolicy
    risk_by_amount: Callable[[Characteristics], RiskByAmount] = field(repr=False)
    previous: FinalDecision | None = None

    @property
    def terms(self) -> ReviewTerms:
        """The terms of review of the policy."""
        return self.policy.review_terms

    @property
    def counter_offers(self) -> CounterOffers:
        """The counter-offers that the policy would approve."""
        return CounterOffers(self.record, self.policy, self.risk_by_amount)

    @property
    def recommended(self) -> FinalOutcome:
        """What the system recommends."""
        return recommended_outcome(self.record, self.policy)

    @property
    def as_requested(self) -> OfferedLoan:
        """The loan as requested, at the rate of the decision."""
        terms, decision = self.record.application.terms, self.record.decision
        return OfferedLoan(terms.amount, terms.term, decision.grade, decision.annual_rate, decision.instalment)

    def override(self, outcome: FinalOutcome) -> OverrideType:
        """The type of an outcome by comparison with the system's decision."""
        return override_type(outcome, self.record, self.policy)

    def authority(self, maker: Actor, outcome: FinalOutcome, loan: OfferedLoan | None) -> AppliedAuthority:
        """The maker's authority for an outcome; raises AboveEveryAuthority."""
        return applied_authority(
            maker,
            self.override(outcome),
            loan,
            reverses_decline=reverses_decline(
                outcome, self.record.decision.outcome, self.previous.outcome if self.previous else None
            ),
            terms=self.terms,
        )

    def proposal(
        self,
        wanted: WantedResolution,
        case: ReferralCase,
        *,
        by: Actor,
        at: datetime,
        own_view: FinalOutcome | None = None,
    ) -> Proposal:
        """The proposal of an underwriter who has the case.

        Raises InvalidResolution, CounterOfferNotApproved, OwnViewRequired and AboveEveryAuthority.
        """
        if self.terms.blind and own_view is None:
            raise OwnViewRequired(
                f"policy {self.policy.version} asks for your own view of this case before you see the score and "
                "resolve it: enter it first"
            )
        reason_text = self._reason_text(wanted)
        loan = self._loan(wanted)
        resolution = Resolution(
            wanted.outcome, wanted.reason, wanted.text, wanted.documents, conditions_of(wanted.conditions)
        )
        return Proposal(
            resolution=resolution,
            reason_text=reason_text,
            override=self.override(wanted.outcome),
            authority=self.authority(by, wanted.outcome, loan),
            recommended=self.recommended,
            system_outcome=self.record.decision.outcome,
            case_version=case.version,
            dwell_seconds=(at - (case.assigned_at or at)).total_seconds(),
            number=self.previous.number + 1 if self.previous else 1,
            loan=loan,
            own_view=own_view,
            previous=self.previous.final_decision_id if self.previous else None,
        )

    def _reason_text(self, wanted: WantedResolution) -> str:
        allowed = {reason.code: reason.text for reason in self.terms.reasons_for(wanted.outcome)}
        if wanted.reason not in allowed:
            raise InvalidResolution(
                [
                    f"{wanted.reason!r} is not a reason of policy {self.policy.version} for the outcome "
                    f"{wanted.outcome.value}; the reasons are {', '.join(allowed)}"
                ]
            )
        return allowed[wanted.reason]

    def _loan(self, wanted: WantedResolution) -> OfferedLoan | None:
        offers = wanted.outcome is FinalOutcome.COUNTER_OFFER
        if offers and wanted.amount is not None and wanted.term is not None:
            return self.counter_offers.offer(wanted.amount, wanted.term)
        if offers:
            raise InvalidResolution(["a counter-offer needs an amount and a term"])
        if wanted.amount is not None or wanted.term is not None:
            raise InvalidResolution(
                ["only a counter-offer has an amount and a term; an approval is for the loan as requested"]
            )
        return self.as_requested if wanted.outcome is FinalOutcome.APPROVED else None
