"""What happens to referral cases with time: due times pass, and applicants do not answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.cases.cases import CaseConflict
from application.use_cases.cases.change_case import CaseChanges
from domain.access.user import Actor
from domain.cases.case_action import CaseDetails
from domain.cases.case_errors import CaseError
from domain.cases.endings import CaseExpired, DueTimePassed
from domain.cases.referral_case import ReferralCase

AT_ONCE = 100
"""Cases of one run; further ones are found by the next."""


@dataclass(frozen=True, slots=True)
class RecordPassedDueTimes:
    """Records once for each unfinished case that its due time has passed."""

    changes: CaseChanges

    async def __call__(self, *, by: Actor) -> int:
        """Record the passed due times, the earliest first, and return their number."""
        overdue = await self.changes.cases.overdue(self.changes.clock.now(), limit=AT_ONCE)
        return await _do_to_all(self.changes, overdue, DueTimePassed(), by)


@dataclass(frozen=True, slots=True)
class ExpireUnansweredCases:
    """Ends the cases whose applicant did not answer in time."""

    changes: CaseChanges

    async def __call__(self, *, by: Actor) -> int:
        """Expire the cases, and return their number."""
        unanswered = await self.changes.cases.unanswered(self.changes.clock.now(), limit=AT_ONCE)
        return await _do_to_all(self.changes, unanswered, CaseExpired(), by)


async def _do_to_all(changes: CaseChanges, cases: Sequence[ReferralCase], details: CaseDetails, by: Actor) -> int:
    """Cases that another process or a person changes at the same time are left to the next run."""
    done = 0
    for case in cases:
        try:
            await changes.append(changes.change(case, details, by=by))
        except (CaseConflict, CaseError):
            continue
        done += 1
    return done
