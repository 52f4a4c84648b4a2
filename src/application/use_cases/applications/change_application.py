"""Accept the offer on a loan application, or withdraw the application."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.applications.applications import ApplicationConflict
from application.ports.cases.cases import CaseChange, Cases
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.identifiers import Identifiers
from application.use_cases.applications.read_applications import FindApplication, PresentApplication
from domain.access.user import Actor, Permission
from domain.applications.application_action import ApplicationAction, Withdrawal, WithdrawalReason
from domain.applications.application_life import ApplicationLife, moment
from domain.applications.money import ZERO, Money
from domain.cases.endings import CaseWithdrawn
from domain.cases.endings import WithdrawalReason as CaseWithdrawalReason
from domain.decisions.decision_record import DecisionRecord

_ATTEMPTS = 3
"""How often a change is tried if others change the application at the same time."""
Act = Callable[[ApplicationLife, UUID, Money], ApplicationAction]
"""Makes the action with an identifier, given the sum of the applicant's other accepted loans."""


class ApplicationChanged(Exception):
    """The application was changed after the version that the actor has seen. Nothing was done."""


@dataclass(frozen=True, slots=True)
class ChangedApplication:
    """An action on an application; `replayed` if it was recorded earlier under the same idempotency key."""

    action: ApplicationAction
    replayed: bool


@dataclass(frozen=True, slots=True)
class ChangeApplication:
    """Records an action on an application. Of two at the same moment one is recorded, and the other is refused."""

    find: FindApplication
    histories: ApplicantHistories
    cases: Cases
    identifiers: Identifiers

    async def __call__(
        self,
        decision_id: UUID,
        act: Act,
        *,
        by: Actor,
        claim: Claim | None,
        version: str | None,
    ) -> ChangedApplication:
        """Record what `act` makes of the application's life; raises ApplicationChanged for another version."""
        by.require(Permission.CHANGE_APPLICATIONS)
        attempts = _ATTEMPTS
        while True:
            try:
                return await self._change(decision_id, act, by, claim, version)
            except ApplicationConflict:
                attempts -= 1
                if not attempts:
                    raise

    async def _change(
        self,
        decision_id: UUID,
        act: Act,
        by: Actor,
        claim: Claim | None,
        version: str | None,
    ) -> ChangedApplication:
        present = await self.find(decision_id, by=by)
        first = None if claim is None else await self.find.applications.under(claim)
        if first is not None:
            return ChangedApplication(first, replayed=True)
        check_version(present, version)
        other_loans = await self._other_loans(present)
        action = act(present.life, self.identifiers.new(), other_loans or ZERO)
        withdrawal = await self._withdrawal_of_case(present, action)
        append = self.find.applications.append
        recorded = await append(action, present.stored, claim, withdrawal, other_loans)
        return ChangedApplication(recorded, replayed=recorded.action_id != action.action_id)

    async def _other_loans(self, present: PresentApplication) -> Money | None:
        """The sum of the loans that the applicant has accepted; None if the applicant or a limit is not known."""
        applicant, offer = present.record.applicant, present.life.offer
        if applicant is None or offer is None or offer.exposure_limit is None:
            return None
        return (await self.histories.find([applicant]))[applicant].accepted

    async def _withdrawal_of_case(
        self, present: PresentApplication, action: ApplicationAction
    ) -> CaseChange | None:
        """The withdrawal of the unfinished case of an application that is withdrawn."""
        stored = present.stored.case
        if stored is None or stored.finished or not isinstance(action.details, Withdrawal):
            return None
        case = await self.cases.find(stored.case_id)
        if case is None or case.version != stored.version:
            raise ApplicationConflict("the application's case was changed at the same time")
        details = CaseWithdrawn(CaseWithdrawalReason.APPLICATION_WITHDRAWN)
        done = case.act(details, by=action.actor, at=action.at, action_id=self.identifiers.new())
        return CaseChange(case.after(done), done)


def check_version(present: PresentApplication, version: str | None) -> None:
    """Raise ApplicationChanged unless the version is the present one, or None for any."""
    if version is not None and version != present.version:
        raise ApplicationChanged(
            f"version {version} of this application is not the current one, {present.version}"
            f"{_last_change(present)}"
        )


def _last_change(present: PresentApplication) -> str:
    """Who changed the application last, in words; empty if only time or work on a case changed it."""
    ended, newest = present.life.ended_by, present.stored.newest
    if ended is not None:
        return f": {ended.actor.name} changed it at {moment(ended.at)}"
    if len(present.stored.decision_ids) > 1 and isinstance(newest, DecisionRecord):
        return f": {newest.requested_by.name} superseded its decision at {moment(newest.decided_at)}"
    return ""


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Records that the applicant accepts the approved or offered loan."""

    change: ChangeApplication

    async def __call__(
        self,
        decision_id: UUID,
        amount: Money | None = None,
        *,
        by: Actor,
        key: IdempotencyKey | None = None,
        version: str | None = None,
    ) -> ChangedApplication:
        """Accept up to the offered amount, or all of it if no amount is given.

        Raises ApplicationNotFound, ApplicationRuleViolation, ApplicationChanged and KeyReused.
        """
        request = {"application": str(decision_id), "amount": amount and amount.cents}
        claim = None if key is None else Claim.of(key, by=by, operation="accept an offer", request=request)

        def accept(life: ApplicationLife, action_id: UUID, other_loans: Money) -> ApplicationAction:
            at = self.change.find.clock.now()
            return life.accept(amount, action_id=action_id, by=by, at=at, other_loans=other_loans)

        return await self.change(decision_id, accept, by=by, claim=claim, version=version)


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    """Records that an application is withdrawn, and withdraws its open case."""

    change: ChangeApplication

    async def __call__(
        self,
        decision_id: UUID,
        reason: WithdrawalReason,
        text: str = "",
        *,
        by: Actor,
        key: IdempotencyKey | None = None,
        version: str | None = None,
    ) -> ChangedApplication:
        """Withdraw the application.

        Raises ApplicationNotFound, ApplicationRuleViolation, InvalidWithdrawal, ApplicationChanged and KeyReused.
        """
        request = {"application": str(decision_id), "reason": reason.value, "text": text}
        claim = None if key is None else Claim.of(key, by=by, operation="withdraw an application", request=request)

        def withdraw(life: ApplicationLife, action_id: UUID, _: Money) -> ApplicationAction:
            return life.withdraw(reason, text, action_id=action_id, by=by, at=self.change.find.clock.now())

        return await self.change(decision_id, withdraw, by=by, claim=claim, version=version)
