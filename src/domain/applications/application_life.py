"""The life of a loan application: its state follows from what was decided, what was done, and the time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain.access.user import Actor
from domain.applications.application_action import (
    Acceptance,
    ApplicationAction,
    Details,
    Withdrawal,
    WithdrawalReason,
)
from domain.applications.application_state import ApplicationState
from domain.applications.money import ZERO, Money


class ApplicationRuleViolation(Exception):
    """A rule of the application's life forbids the action; `rule` names it, and the text says what applies."""

    rule: ClassVar[str] = "application-rule"


class AlreadyAccepted(ApplicationRuleViolation):
    """The application is accepted."""

    rule = "already-accepted"


class AlreadyWithdrawn(ApplicationRuleViolation):
    """The application is withdrawn."""

    rule = "already-withdrawn"


class OfferExpired(ApplicationRuleViolation):
    """The approval or counter-offer has expired, or the applicant did not answer in time."""

    rule = "offer-expired"


class NoOffer(ApplicationRuleViolation):
    """There is no approval or counter-offer that could be accepted."""

    rule = "no-offer"


class AmountNotOffered(ApplicationRuleViolation):
    """The amount is above the offered one, or below the smallest loan."""

    rule = "amount-not-offered"


class ExposureLimitExceeded(ApplicationRuleViolation):
    """The loans that the applicant has accepted are, with this one, above the policy's limit."""

    rule = "exposure-limit-exceeded"


class NotWithdrawable(ApplicationRuleViolation):
    """The application is declined."""

    rule = "not-withdrawable"


@dataclass(frozen=True, slots=True)
class Offer:
    """A loan that the applicant can accept until `expires_at`, exclusive.

    Any amount from `minimum` to `amount`; `term` is in months and the annual rate 0.12 is 12 %.
    `final_decision_id` is the decision of a person that made the offer; None if the system's decision did.
    `exposure_limit` is the most that the applicant's accepted loans and this one can come to; None without limit.
    """

    amount: Money
    minimum: Money
    term: int
    annual_rate: float
    expires_at: datetime
    final_decision_id: UUID | None = None
    exposure_limit: Money | None = None

    @property
    def smallest(self) -> Money:
        """The smallest amount that can be accepted."""
        return min(self.minimum, self.amount)


@dataclass(frozen=True, slots=True)
class ApplicationLife:
    """A loan application, whose identifier is that of its first decision; `decision_id` is its newest one.

    `decided` is what the lender decided last: approved, counter_offer, referred, declined, or expired if the
    applicant did not answer in time. There is an offer if it is one of the first two.
    """

    application_id: UUID
    decision_id: UUID
    decided: ApplicationState
    offer: Offer | None = None
    actions: tuple[ApplicationAction, ...] = ()

    @property
    def version(self) -> int:
        """The number of the last action; 0 without one."""
        return len(self.actions)

    @property
    def ended_by(self) -> ApplicationAction | None:
        """The acceptance or withdrawal, if there is one."""
        return self.actions[-1] if self.actions else None

    @property
    def expires_at(self) -> datetime | None:
        """When the offer expires or has expired; None if there is none, or it was accepted or withdrawn."""
        return None if self.actions or self.offer is None else self.offer.expires_at

    def state(self, now: datetime) -> ApplicationState:
        """The state at a time."""
        if self.actions:
            return self.actions[-1].kind.state
        if self.offer is not None and now >= self.offer.expires_at:
            return ApplicationState.EXPIRED
        return self.decided

    def accept(
        self, amount: Money | None, *, action_id: UUID, by: Actor, at: datetime, other_loans: Money = ZERO
    ) -> ApplicationAction:
        """The acceptance of the offer, of the whole amount if none is given; raises ApplicationRuleViolation.

        `other_loans` is the sum of the loans that the applicant has accepted before.
        """
        offer = self._offer_at(at)
        accepted = offer.amount if amount is None else amount
        if not offer.smallest <= accepted <= offer.amount:
            raise AmountNotOffered(
                f"{accepted} is not offered: the amount must be from {offer.smallest} to {offer.amount}"
            )
        _check_exposure(offer, accepted, other_loans)
        return self._action(Acceptance(accepted, offer.amount, offer.final_decision_id), action_id, by, at)

    def withdraw(
        self, reason: WithdrawalReason, text: str, *, action_id: UUID, by: Actor, at: datetime
    ) -> ApplicationAction:
        """The withdrawal; raises ApplicationRuleViolation and InvalidWithdrawal."""
        self._require_not_ended()
        state = self.state(at)
        if state is ApplicationState.EXPIRED:
            raise OfferExpired(f"{self._expiry()}: there is nothing left to withdraw")
        if not state.can_be_withdrawn:
            raise NotWithdrawable(f"the application is {state.value}: there is nothing left to withdraw")
        return self._action(Withdrawal(reason, text, state), action_id, by, at)

    def after(self, action: ApplicationAction) -> Self:
        """The application after an action of its own."""
        if (action.application_id, action.number) != (self.application_id, self.version + 1):
            raise ValueError(f"action {action.number} does not follow action {self.version} of this application")
        return replace(self, actions=(*self.actions, action))

    def _offer_at(self, at: datetime) -> Offer:
        self._require_not_ended()
        state = self.state(at)
        if state is ApplicationState.EXPIRED:
            raise OfferExpired(f"{self._expiry()}: submit the application again for a new decision")
        if self.offer is None or not state.can_be_accepted:
            raise NoOffer(f"the application is {state.value}: only an approval or a counter-offer can be accepted")
        return self.offer

    def _require_not_ended(self) -> None:
        ended = self.ended_by
        if ended is None:
            return
        done = f"{ended.actor.name} ({ended.actor.role.value}) at {moment(ended.at)}"
        if isinstance(ended.details, Acceptance):
            raise AlreadyAccepted(f"the application was accepted for {ended.details.amount} by {done}")
        raise AlreadyWithdrawn(f"the application was withdrawn by {done}")

    def _expiry(self) -> str:
        if self.offer is None:
            return "the application expired because the applicant did not provide what was requested"
        return f"the offer of {self.offer.amount} expired at {moment(self.offer.expires_at)}"

    def _action(self, details: Details, action_id: UUID, by: Actor, at: datetime) -> ApplicationAction:
        return ApplicationAction(
            action_id, self.application_id, self.decision_id, self.version + 1, at, by, details
        )


def _check_exposure(offer: Offer, accepted: Money, other_loans: Money) -> None:
    limit = offer.exposure_limit
    if limit is None or other_loans.cents + accepted.cents <= limit.cents:
        return
    rest = Money(max(0, limit.cents - other_loans.cents))
    left = f"at most {rest} can" if rest >= offer.smallest else "no amount of this offer can"
    raise ExposureLimitExceeded(
        f"the applicant has accepted loans of {other_loans} and may borrow {limit} in all: {left} be accepted"
    )


def moment(at: datetime) -> str:
    """A time in a message."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
