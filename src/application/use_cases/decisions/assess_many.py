"""Assess several loan applications together."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.outcomes import merge_outcomes
from application.ports.decisions.idempotency import Claim
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_once import AssessmentResult, claim_of


@dataclass(frozen=True, slots=True)
class AssessMany:
    """Assesses each request of a batch as AssessLoanApplication does, or under a key AssessOnce."""

    assess: AssessLoanApplication

    async def __call__(self, requests: Sequence[AssessmentRequest]) -> list[AssessmentResult | Exception]:
        """The outcome of each request, in order: its durably recorded decision, or why there is none."""
        outcomes = await self.assess.decide_all(requests)
        decided = [
            (record, _claim(request))
            for request, record in zip(requests, outcomes, strict=True)
            if not isinstance(record, Exception)
        ]
        recorded = await self.assess.ledger.record_each(decided)
        return merge_outcomes(
            outcomes,
            [
                first if isinstance(first, Exception) else AssessmentResult.of(record, first)
                for (record, _), first in zip(decided, recorded, strict=True)
            ],
        )


def _claim(request: AssessmentRequest) -> Claim | None:
    if request.key is None:
        return None
    return claim_of(request.application, key=request.key, by=request.by, identity=request.identity)
