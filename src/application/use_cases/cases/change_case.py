"""Record an action on a referral case: the steps that every change of a case has in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

from application.ports.cases.cases import AlreadyClaimed, CaseChange, CaseConflict, CaseNotFound, Cases
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from domain.access.user import Actor
from domain.cases.case_action import CaseAction, CaseDetails
from domain.cases.case_errors import CaseChanged, CaseError
from domain.cases.final_decision import FinalDecision
from domain.cases.lease import LeaseTerms
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import InvalidConditionChange

DecisionOf = Callable[[ReferralCase, CaseAction], FinalDecision]
"""Makes the final decision of a case before an action that resolves it."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case after an action; `replayed` where an earlier request under the same key did it.

    A replayed result is the case as it is now.
    """

    case: ReferralCase
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """Applies actions to cases. Each renews the lease of an actor who holds the case."""

    cases: Cases
    clock: Clock
    identifiers: Identifiers
    leases: LeaseTerms

    async def __call__(
        self,
        case_id: UUID,
        details: CaseDetails,
        *,
        by: Actor,
        seen: int,
        claim: Claim | None = None,
        decision_of: DecisionOf | None = None,
    ) -> CaseResult:
        """Do this to a case of which the actor has seen a version. `decision_of` makes the final decision.

        Raises CaseNotFound, CaseChanged, the CaseErrors of the action, and KeyReused.
        """

        async def act() -> CaseResult:
            return await self._apply(case_id, details, by=by, seen=seen, claim=claim, decision_of=decision_of)

        return await self.once(claim, act)

    async def once(self, claim: Claim | None, act: Callable[[], Awaitable[CaseResult]]) -> CaseResult:
        """Do this, unless an earlier request under the same key did.

        A request that is refused because the same one was done at the same moment, such as the second of a double
        click, gets the result of that one. Raises KeyReused, and what `act` raises.
        """
        if claim is None:
            return await act()
        if (first := await self.replayed(claim)) is not None:
            return first
        try:
            return await act()
        except (CaseError, CaseChanged, CaseConflict, InvalidConditionChange):
            if (first := await self.replayed(claim)) is not None:
                return first
            raise

    async def _apply(
        self,
        case_id: UUID,
        details: CaseDetails,
        *,
        by: Actor,
        seen: int,
        claim: Claim | None,
        decision_of: DecisionOf | None,
    ) -> CaseResult:
        case = await self.present(case_id)
        case.require_version(seen, self.clock.now())
        try:
            change = self.change(case, details, by=by, claim=claim)
            final_decision = None if decision_of is None else decision_of(case, change.action)
            after = await self.append(replace(change, final_decision=final_decision))
        except AlreadyClaimed:
            return await self._first(claim)
        except CaseConflict:
            present = await self.present(case_id)
            present.require_version(seen, self.clock.now())
            if present.version == case.version:
                raise
            return await self._apply(case_id, details, by=by, seen=seen, claim=claim, decision_of=decision_of)
        return CaseResult(after)

    async def present(self, case_id: UUID) -> ReferralCase:
        """The case as it is now; raises CaseNotFound."""
        case = await self.cases.find(case_id)
        if case is None:
            raise CaseNotFound(f"there is no case {case_id}")
        return case

    def change(
        self, case: ReferralCase, details: CaseDetails, *, by: Actor, claim: Claim | None = None
    ) -> CaseChange:
        """What is recorded for an action on this case; raises a CaseError if a rule forbids it."""
        now = self.clock.now()
        action = case.act(details, by=by, at=now, action_id=self.identifiers.new())
        after = case.after(action)
        if after.assignee in {by.name, None} or after.assignee != case.assignee:
            until = self.leases.until(now, actor=by.name, assignee=after.assignee)
            kept = after.lease_until  # that of the same assignee, which may be longer after a reassignment
            after = after.leased(until if until is None or kept is None else max(until, kept))
        return CaseChange(after, action, claim)

    async def append(self, change: CaseChange) -> ReferralCase:
        """Record a change, and return the case after it."""
        await self.cases.append(change)
        return change.case

    async def replayed(self, claim: Claim) -> CaseResult | None:
        """The result of an earlier request under the same key; raises KeyReused."""
        case_id = await self.cases.case_under(claim)
        return None if case_id is None else CaseResult(await self.present(case_id), replayed=True)

    async def _first(self, claim: Claim | None) -> CaseResult:
        first = await self.replayed(claim) if claim is not None else None
        if first is None:
            raise CaseConflict("the action under the same key was not found: repeat the request")
        return first


def claim_of(
    key: IdempotencyKey | None, *, by: Actor, operation: str, **request: str | int | None
) -> Claim | None:
    """The caller's claim of a key for an operation on a case ("claim a case")."""
    return None if key is None else Claim.of(key, by=by, operation=operation, request=request)
