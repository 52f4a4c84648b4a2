"""Assess a loan application once, however often it is asked for under the same key."""

from dataclasses import dataclass
from typing import Self

from application.ports.idempotency import Claim, FirstNotKept, IdempotencyKey, canonical
from application.use_cases.assess_loan_application import Asked, AssessLoanApplication
from domain.access.user import Actor
from domain.lending.loan_application import LoanApplication
from domain.policy.decision_record import DecisionRecord
from domain.value import value

ASKED_FOR = "assess a loan application"


@value
class Assessed:
    """A decision on record; `again` when it had been made before, under the same key."""

    record: DecisionRecord
    again: bool

    @classmethod
    def of(cls, made: DecisionRecord, on_record: DecisionRecord) -> Self | FirstNotKept:
        """What became of a decision just made, where this one is on record.

        FirstNotKept where that one answers another caller or another application: rows of keys are not protected
        by the audit trail, and must not lead anybody to a decision that is not theirs.
        """
        again = on_record is not made and on_record.decision_id != made.decision_id
        if again and not _same_request(made, on_record):
            return FirstNotKept("the decision that this key stands for is not on this request")
        return cls(on_record, again=again)


def _same_request(one: DecisionRecord, other: DecisionRecord) -> bool:
    return one.requested_by.name == other.requested_by.name and (
        canonical(one.application) == canonical(other.application)
    )


@dataclass(frozen=True, slots=True)
class AssessOnce:
    """Decides under a caller's key, so that a caller who got no answer can ask again without a second decision."""

    assess: AssessLoanApplication

    async def __call__(
        self, application: LoanApplication, *, key: IdempotencyKey, by: Actor, channel: str
    ) -> Assessed:
        """The first decision under the key; raises FirstNotKept, or KeyReused where it stands for another request.

        The prediction is cheaper than looking whether there is need of one: it is simply not recorded.
        """
        record = await self.assess.decide(Asked(application, by, channel))
        first = await self.assess.ledger.record_once(record, claim_of(application, key=key, by=by))
        assessed = Assessed.of(record, first)
        if isinstance(assessed, FirstNotKept):
            raise assessed
        return assessed


def claim_of(application: LoanApplication, *, key: IdempotencyKey, by: Actor) -> Claim:
    """The claim that somebody's key makes on the decision on a loan application."""
    return Claim.of(key, by=by, to=ASKED_FOR, asked=application)
