"""The content of a letter, from what is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from domain.applications.synthetic import is_synthetic
from domain.cases.case_action import CaseAction
from domain.cases.final_decision import FinalDecision
from domain.cases.information import InformationRequested
from domain.decisions.decision_record import DecisionRecord
from domain.models.scorecard import whole_points
from domain.notices.content import (
    Addressee,
    ApplicantPage,
    DisclosedScore,
    NoticeContent,
    OfferedTerms,
    RequestedInformation,
    RequestedLoan,
)
from domain.notices.key_factors import key_factors
from domain.notices.letterhead import SPECIMEN, Letterhead
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause
from domain.notices.principal_reasons import INFORMATION_NOT_PROVIDED, principal_reasons
from domain.policies.final_outcome import FinalOutcome
from domain.policies.reasons import AdverseActionReason
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class NoticeBasis:
    """What is on record about that which a notice informs of.

    `notice_id` is the identifier of what made the notice due. `final` is the valid final decision on the record,
    if there is one. `case_actions` are those of the record's cases.
    """

    notice_id: UUID
    kind: NoticeKind
    cause: NoticeCause
    application_id: UUID
    record: DecisionRecord
    final: FinalDecision | None = None
    case_actions: tuple[CaseAction, ...] = ()

    @property
    def request(self) -> CaseAction | None:
        """The action that asked the applicant for information: the notice's cause, or else the last one."""
        asked = [action for action in self.case_actions if isinstance(action.details, InformationRequested)]
        causes = [action for action in asked if action.action_id == self.notice_id]
        return next(reversed(causes or asked), None)


@dataclass(frozen=True, slots=True)
class LetterSettings:
    """How the lender writes letters: the letterhead, and the time zone of every date."""

    letterhead: Letterhead
    zone: tzinfo

    def head_of(self, record: DecisionRecord) -> Letterhead:
        """The letterhead; for a synthetic application, a specimen completes it."""
        return self.letterhead.completed_by(SPECIMEN) if is_synthetic(record.identity) else self.letterhead

    def day(self, at: datetime) -> date:
        """The day of a time."""
        return at.astimezone(self.zone).date()

    def last_day_before(self, at: datetime) -> date:
        """The last day that ends before a time, so that a letter never promises more than there is."""
        return self.day(at) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Drafting:
    """Drafts letters for decisions under one policy, which is for the product of the applications.

    `reference` is the reference profile of the model that decided, for the policy's approve cut-off, and
    `log_odds_range` the smallest and the largest log-odds that it can give.
    """

    policy: ScoringPolicy
    reference: Sequence[float]
    log_odds_range: tuple[float, float]
    settings: LetterSettings

    def content(
        self,
        basis: NoticeBasis,
        *,
        dated: date,
        addressee: Addressee | None = None,
        applicant_page: ApplicantPage | None = None,
    ) -> NoticeContent:
        """The content of a letter with this date, complete or not."""
        record = basis.record
        closed = basis.cause.closes_incomplete
        about_information = basis.kind is NoticeKind.INCOMPLETE or closed
        return NoticeContent(
            kind=basis.kind,
            dated=dated,
            letterhead=self.settings.head_of(record),
            loan=self._loan(basis),
            synthetic=is_synthetic(record.identity),
            closed_incomplete=closed,
            reasons=self._reasons(basis),
            score=None if about_information else self._score(record),
            offer=self._offer(basis.final) if basis.kind is NoticeKind.COUNTER_OFFER else None,
            information=self._information(basis) if about_information else None,
            addressee=addressee,
            applicant_page=applicant_page,
        )

    def _loan(self, basis: NoticeBasis) -> RequestedLoan:
        record, terms = basis.record, basis.record.application.terms
        return RequestedLoan(
            product=self.policy.product.label,
            amount=terms.amount,
            term=terms.term,
            received_on=self.settings.day(record.decided_at),
            corrected=record.supersedes is not None,
            reference=record.identity.application_reference or str(basis.application_id),
        )

    def _reasons(self, basis: NoticeBasis) -> tuple[AdverseActionReason, ...]:
        if basis.kind is NoticeKind.INCOMPLETE:
            return ()
        terms = self.policy.review_terms
        if basis.cause.closes_incomplete:
            texts = {reason.code: reason.text for reason in terms.reasons_for(FinalOutcome.DECLINED)}
            usual = INFORMATION_NOT_PROVIDED
            return (AdverseActionReason(usual.code, texts.get(usual.code, usual.text)),)
        return principal_reasons(basis.record, basis.final, terms)

    def _score(self, record: DecisionRecord) -> DisclosedScore:
        head = self.settings.head_of(record)
        inputs = self.policy.product.characteristics_of(record.application)
        least_risk, most_risk = self.log_odds_range
        return DisclosedScore(
            points=record.decision.points,
            created_on=self.settings.day(record.decided_at),
            lowest=int(whole_points(most_risk)),
            highest=int(whole_points(least_risk)),
            provider=head.score_provider or head.creditor.name,
            key_factors=key_factors(record, self.policy, inputs, self.reference),
        )

    def _offer(self, final: FinalDecision | None) -> OfferedTerms | None:
        if final is None or final.outcome is not FinalOutcome.COUNTER_OFFER:
            return None
        assert final.amount is not None  # noqa: S101 - a final decision that lends has a loan
        assert final.term is not None  # noqa: S101 - as above
        assert final.annual_rate is not None  # noqa: S101 - as above
        assert final.instalment is not None  # noqa: S101 - as above
        expires_at = final.decided_at + timedelta(days=self.policy.review_terms.approval_days)
        return OfferedTerms(
            amount=final.amount,
            term=final.term,
            annual_rate=final.annual_rate,
            instalment=final.instalment,
            until=self.settings.last_day_before(expires_at),
            conditions=tuple(condition.text for condition in final.conditions),
        )

    def _information(self, basis: NoticeBasis) -> RequestedInformation | None:
        asked = basis.request
        if asked is None or not isinstance(asked.details, InformationRequested):
            return None
        last_day = self.settings.last_day_before(asked.details.answer_by)
        return RequestedInformation(asked.details.text, self.settings.day(asked.at), last_day)
