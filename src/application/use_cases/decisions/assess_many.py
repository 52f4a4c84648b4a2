"""Assess the loan applications that come at the same time: decided and recorded together, each for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.outcomes import in_their_places
from application.ports.decisions.idempotency import Claim
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_once import AssessmentResult, claim_of


@dataclass(frozen=True, slots=True)
class AssessMany:
    """Does for many at once what AssessLoanApplication and AssessOnce do for one, with the same results."""

    assess: AssessLoanApplication

    async def __call__(self, asked: Sequence[AssessmentRequest]) -> list[AssessmentResult | Exception]:
        """What became of each, in order: its decision, on durable record, or what stands in the way of one."""
        decided = await self.assess.decide_all(asked)
        made = [
            (record, _claim(each))
            for each, record in zip(asked, decided, strict=True)
            if not isinstance(record, Exception)
        ]
        recorded = await self.assess.ledger.record_each(made)
        return in_their_places(
            decided,
            [
                first if isinstance(first, Exception) else AssessmentResult.of(record, first)
                for (record, _), first in zip(made, recorded, strict=True)
            ],
        )


def _claim(asked: AssessmentRequest) -> Claim | None:
    return None if asked.key is None else claim_of(asked.application, key=asked.key, by=asked.by)
