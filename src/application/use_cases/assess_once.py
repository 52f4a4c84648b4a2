"""Assess a loan application once, however often it is asked for under the same key."""

from dataclasses import dataclass

from application.ports.idempotency import Claim, IdempotencyKey
from application.use_cases.assess_loan_application import AssessLoanApplication
from domain.access.user import Actor
from domain.lending.loan_application import LoanApplication
from domain.policy.decision_record import DecisionRecord

ASKED_FOR = "assess a loan application"


@dataclass(frozen=True, slots=True)
class AssessedOnce:
    """The decision that a key stands for; `again` when it had been made before."""

    record: DecisionRecord
    again: bool


@dataclass(frozen=True, slots=True)
class AssessOnce:
    """Decides under a caller's key, so that a caller who got no answer can ask again without a second decision."""

    assess: AssessLoanApplication

    async def __call__(
        self, application: LoanApplication, *, key: IdempotencyKey, by: Actor, channel: str
    ) -> AssessedOnce:
        """The first decision under the key; raises KeyReused where the key stands for another request.

        The prediction is cheaper than looking whether there is need of one: it is simply not recorded.
        """
        record = await self.assess.decide(application, by=by, channel=channel)
        claim = Claim.of(key, by=by, to=ASKED_FOR, asked=application)
        first = await self.assess.ledger.record_once(record, claim)
        return AssessedOnce(first, again=first.decision_id != record.decision_id)
