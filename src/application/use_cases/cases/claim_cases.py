"""Claim referral cases, keep them, and give them back or to someone else."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.access.users import Users
from application.ports.cases.cases import AlreadyClaimed, CaseChange, CaseConflict
from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.access.manage_users import UserNotFound
from application.use_cases.cases.change_case import CaseChanges, CaseResult, claim_of
from domain.access.user import Actor, Permission
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.referral_case import ReferralCase

_WORK = Permission.WORK_CASES


@dataclass(frozen=True, slots=True)
class ClaimNextCase:
    """Claims the most urgent case that the actor can take."""

    changes: CaseChanges

    async def __call__(self, *, by: Actor, key: IdempotencyKey | None = None) -> CaseResult | None:
        """The claimed case; None if no case waits. Raises KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="claim the next case")
        if claim is not None and (first := await self.changes.replayed(claim)) is not None:
            return first

        def claiming(case: ReferralCase) -> CaseChange:
            return self.changes.change(case, CaseClaimed(), by=by, claim=claim)

        try:
            case = await self.changes.cases.take_next(by, self.changes.clock.now(), claiming)
        except AlreadyClaimed:
            return await self(by=by, key=key)
        return None if case is None else CaseResult(case)


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """Claims one case. An actor who holds it already keeps it, and the lease is renewed."""

    changes: CaseChanges

    async def __call__(
        self, case_id: UUID, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The claimed case; raises CaseNotFound, CaseChanged, CaseHeld and other CaseErrors, and KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="claim a case", case=str(case_id))
        return await self.changes(case_id, CaseClaimed(), by=by, seen=seen, claim=claim)


@dataclass(frozen=True, slots=True)
class ReleaseCase:
    """Gives a case back to the queue."""

    changes: CaseChanges

    async def __call__(
        self, case_id: UUID, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case; raises CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="release a case", case=str(case_id))
        return await self.changes(case_id, CaseReleased(), by=by, seen=seen, claim=claim)


@dataclass(frozen=True, slots=True)
class ReassignCase:
    """Gives a case to another user, also one that is held."""

    changes: CaseChanges
    users: Users

    async def __call__(
        self, case_id: UUID, to: str, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case; raises UserNotFound, CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(Permission.REASSIGN_CASES)
        claim = claim_of(key, by=by, operation="reassign a case", case=str(case_id), to=to)
        user = await self.users.find(to)
        if user is None:
            raise UserNotFound(f"there is no user {to}")
        return await self.changes(case_id, CaseReassigned(to, user.role), by=by, seen=seen, claim=claim)


@dataclass(frozen=True, slots=True)
class RenewLease:
    """Extends the lease of a person who is working on a case, which is no action and changes no version."""

    changes: CaseChanges

    async def __call__(self, case_id: UUID, *, by: Actor) -> ReferralCase:
        """The case with its new lease; raises CaseNotFound, and a CaseError unless the actor holds the case."""
        by.require(_WORK)
        changes = self.changes
        now = changes.clock.now()
        until = now + changes.leases.after_activity
        renewed = await changes.cases.renew(case_id, holder=by.name, at=now, until=until)
        if renewed is None:
            (await changes.present(case_id)).require_lease(by, now)
            raise CaseConflict("the case was changed at the same time: repeat the request")
        return renewed
